/** What happens a little after a write: namespaces end with their content, dependents are collected, kinds come and go. */

import { describe } from 'vitest';
import * as endings from './rows/endings.ts';
import * as lifecycles from './rows/lifecycles.ts';
import * as owners from './rows/owners.ts';
import { useBench } from './support/bench.ts';
import { controllersMissing } from './support/controllers.ts';
import { testHistories } from './support/history.ts';
import { test, testEventually } from './support/row.ts';

const isMissing = controllersMissing();
const bench = useBench({ controllers: !isMissing });
const suite = describe.skipIf(isMissing);

suite('in a namespace that is being deleted', () => test(endings.meanwhile, bench));
suite('a namespace ends', () => testEventually(endings.later, bench));
suite('a namespace tells its end', () => testHistories(endings.told, bench));
suite('dependents follow', () => testHistories(owners.dependents, bench));
suite('owners wait', () => testEventually(owners.outcomes, bench));
suite('a kind comes with its definition', () => testEventually(lifecycles.comings, bench));
suite('a kind changes with its definition', () => testEventually(lifecycles.changes, bench));
suite('a kind goes with its definition', () => testEventually(lifecycles.goings, bench));
suite('a definition tells its life', () => testHistories(lifecycles.watched, bench));
