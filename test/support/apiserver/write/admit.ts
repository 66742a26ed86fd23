/** The rules of metadata, which all kinds share, and the kind's own. */

import type { Admission, Kind } from '../kinds/kind.ts';
import type { Draft } from '../objects.ts';
import type { Cause } from '../schema/causes.ts';
import type { JsonObject } from '../schema/json.ts';
import { validateMeta } from '../schema/meta.ts';
import { invalid, warned } from '../status.ts';

export type Accepted = Readonly<{ object: Draft; warnings: readonly string[] }>;

/** Throws Invalid with every cause, `found` first. */
export function accept(
  kind: Kind,
  admission: Omit<Admission, 'metaCauses'>,
  found: readonly Cause[] = [],
): Accepted {
  const { object, old } = admission;
  const told = [
    ...found,
    ...validateMeta(object as JsonObject, old as JsonObject | undefined, kind.nameErrors),
  ];
  // The server looks at the metadata of an update twice and tells both findings.
  const metaCauses = old === undefined ? told : [...told, ...told];
  const admitted = kind.admit({ ...admission, metaCauses });
  if (admitted.causes.length > 0) {
    const who = { group: kind.invalidGroup ?? kind.group, kind: kind.kind };
    throw warned(invalid(who, object.metadata.name ?? '', admitted.causes), admitted.warnings);
  }
  return admitted;
}
