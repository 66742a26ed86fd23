import { customResourceDefinition, KINDS } from '../api/crd.ts';
import { editionOf, isOlderEdition, releaseOf } from '../api/edition.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import type { Log } from '../kube/log.ts';
import type { Outcome } from '../kube/outcome.ts';
import type { KubeObject } from '../kube/types.ts';
import { DEFINITIONS } from './definition.ts';

/** With force, because whoever installed the definitions owns their fields. */
const UPGRADE = 'alm-operator crds | kubectl apply --server-side --force-conflicts -f -';

type EditionsDeps = Readonly<{ kube: Pick<KubeClient, 'get'>; log: Log }>;

type Definition = Readonly<{ name: string; own: Readonly<Record<string, string>> }>;

/**
 * One pass, at the start: says which definitions are older than this program. Nobody else would: an API server drops the
 * fields that its definition does not know.
 */
export function editionsReconciler({ kube, log }: EditionsDeps) {
  const definitions = KINDS.map(definitionOf);
  return async (_key: string, signal: AbortSignal): Promise<Outcome> => {
    try {
      const served = await Promise.all(definitions.map(({ name }) => annotationsOf(kube, name, signal)));
      const older = definitions.flatMap(({ name, own }, at) => {
        const annotations = served[at] ?? {};
        return isOlderEdition(annotations, own) ? [{ name, release: releaseOf(annotations) }] : [];
      });
      if (older.length > 0) {
        log.warn({ definitions: older, command: UPGRADE }, 'definitions are older than this operator');
      }
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 403)) throw error;
      log.warn({ error: error.message }, 'whether definitions are older than this operator is not known');
    }
    return { then: 'settle' };
  };
}

function definitionOf(kind: (typeof KINDS)[number]): Definition {
  const { plural, group } = kind.resource;
  return { name: `${plural}.${group}`, own: editionOf(customResourceDefinition(kind)['spec']) };
}

async function annotationsOf(kube: EditionsDeps['kube'], name: string, signal: AbortSignal) {
  const { metadata } = await kube.get<KubeObject>(DEFINITIONS, { name }, signal);
  return metadata.annotations ?? {};
}
