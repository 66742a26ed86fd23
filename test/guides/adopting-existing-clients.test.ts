import { firstSteps, playGuide, readGuide } from './play.ts';

playGuide(readGuide('adopting-existing-clients'), { before: firstSteps() });
