import { firstSteps, playGuide, readGuide } from './play.ts';

playGuide(readGuide('gitops'), { before: firstSteps() });
