import { firstSteps, playGuide, readGuide } from './play.ts';

playGuide(readGuide('tenancy'), { before: firstSteps() });
