/** Watch by watch: which events a real kube-apiserver shows, and so the embedded one. */

import { describe } from 'vitest';
import { changes, deletions } from './rows/watch-changes.ts';
import { beginnings, ends, refusals } from './rows/watch-limits.ts';
import { views } from './rows/watch-views.ts';
import { useBench } from './support/bench.ts';
import { testHistories, testRefusals } from './support/history.ts';

const bench = useBench();

describe('a watch tells changes', () => testHistories(changes, bench));
describe('a watch tells deletions', () => testHistories(deletions, bench));
describe('a watch has a view', () => testHistories(views, bench));
describe('a watch begins', () => testHistories(beginnings, bench));
describe('a watch ends', () => testHistories(ends, bench));
describe('a watch is refused', () => testRefusals(refusals, bench));
