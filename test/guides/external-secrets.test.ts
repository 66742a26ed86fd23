import { firstSteps, playGuide, readGuide } from './play.ts';

playGuide(readGuide('external-secrets'), { before: firstSteps() });
