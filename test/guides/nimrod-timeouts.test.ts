import { firstSteps, playGuide, readGuide } from './play.ts';

playGuide(readGuide('nimrod-timeouts'), { before: firstSteps() });
