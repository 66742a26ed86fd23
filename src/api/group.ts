export const GROUP = 'alm-operator.dev';
export const VERSION = 'v1beta1';
export const API_VERSION = `${GROUP}/${VERSION}`;

/** Holds a ClientCredential until its claim says what becomes of the client. */
export const FINALIZER = 'alm-operator.dev/release';

/** Annotation, token-valued: a new value asks for a pass now. The name is Flux's. */
export const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt';
/** Annotation, token-valued: a new value asks for a new generated secret. */
export const ROTATE = 'alm-operator.dev/rotate';
