/** ValidatingAdmissionPolicies: what they are asked, what they admit, and in which words they refuse. */

import { describe } from 'vitest';
import * as admission from './rows/admission.ts';
import * as policies from './rows/policies.ts';
import { useBench } from './support/bench.ts';
import { type Row, test, testEventually } from './support/row.ts';

const bench = useBench();

const table = (what: string, rows: readonly Row[]) => describe(what, () => test(rows, bench));
const eventually = (what: string, rows: readonly Row[]) => describe(what, () => testEventually(rows, bench));

table('POST stores', policies.stored);
table('POST refuses', policies.refusals);
eventually('a policy refuses', admission.told);
eventually('a policy stumbles over', admission.errors);
eventually('a policy is given', admission.params);
eventually('a policy sees', admission.requests);
eventually('a policy is asked where', admission.meant);
eventually('there is', admission.actions);
