import { firstSteps, playGuide, readGuide } from './play.ts';

playGuide(readGuide('rotation'), { before: firstSteps() });
