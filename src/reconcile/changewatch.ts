import { keyOf } from '../kube/types.ts';
import type { Changes } from './changes.ts';
import { BY_SECRET } from './deps.ts';
import type { Stores } from './stores.ts';

/** The first list is no change; nor is what the operator writes itself. */
export function connectChanges(
  { credentials, secrets }: Pick<Stores, 'credentials' | 'secrets'>,
  changes: Changes,
): void {
  credentials.onChange((_key, before, after, cause) => {
    const [was, is] = [before?.metadata, after?.metadata];
    if (was !== undefined && was.uid !== is?.uid) changes.forget(was.uid);
    if (is === undefined) return;
    if (is.deletionTimestamp !== undefined) return changes.forget(is.uid);
    const isNew = was?.uid !== is.uid;
    if (isNew ? cause === 'event' || was !== undefined : was.generation !== is.generation)
      changes.note(is.uid, 'spec');
  });
  secrets.onChange((_key, before, after, cause) => {
    if (after === undefined || cause === 'own' || (cause === 'relist' && before === undefined)) return;
    for (const { metadata } of credentials.byIndex(BY_SECRET, keyOf(after.metadata)))
      changes.note(metadata.uid, 'secret');
  });
}
