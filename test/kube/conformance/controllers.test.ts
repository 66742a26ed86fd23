/** What happens a little after a write: namespaces end with their content, dependents are collected, kinds come and go. */

import { describe } from 'vitest';
import * as endings from './rows/endings.ts';
import * as lifecycles from './rows/lifecycles.ts';
import * as owners from './rows/owners.ts';
import { useBench } from './support/bench.ts';
import { testHistories } from './support/history.ts';
import { test, testEventually } from './support/row.ts';

const bench = useBench({ controllers: true });

describe('in a namespace that is being deleted', () => test(endings.meanwhile, bench));
describe('a namespace ends', () => testEventually(endings.later, bench));
describe('a namespace tells its end', () => testHistories(endings.told, bench));
describe('dependents follow', () => testHistories(owners.dependents, bench));
describe('owners wait', () => testEventually(owners.outcomes, bench));
describe('a kind comes with its definition', () => testEventually(lifecycles.comings, bench));
describe('a kind changes with its definition', () => testEventually(lifecycles.changes, bench));
describe('a kind goes with its definition', () => testEventually(lifecycles.goings, bench));
describe('a definition tells its life', () => testHistories(lifecycles.watched, bench));
