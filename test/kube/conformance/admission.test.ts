/** ValidatingAdmissionPolicies: what they are asked, what they admit, and in which words they refuse. */

import { describe } from 'vitest';
import * as asked from './rows/admission-requests.ts';
import * as said from './rows/admission-words.ts';
import * as policies from './rows/policies.ts';
import { useBench } from './support/bench.ts';
import { type Row, test, testEventually } from './support/row.ts';

const bench = useBench();

const table = (what: string, rows: readonly Row[]) => describe(what, () => test(rows, bench));
const eventually = (what: string, rows: readonly Row[]) => describe(what, () => testEventually(rows, bench));

table('POST stores', policies.stored);
table('POST refuses', policies.refusals);
eventually('a policy refuses', said.words);
eventually('a policy stumbles over', said.errors);
eventually('a policy is given', asked.params);
eventually('a policy sees', asked.requests);
eventually('a policy is asked where', asked.meant);
eventually('there is', said.actions);
