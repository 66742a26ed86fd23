/** Keeps a request from its socket where nobody may write any more. */

import type { Dispatcher } from 'undici';
import type { Permit } from './election.ts';

/**
 * The same dispatcher, which asks the permit when a connection stands and the request is about to be written to it:
 * between dispatch and connection a process may have waited, or stood still, for any length of time.
 */
export function guarded(dispatcher: Dispatcher, permit: Permit, refusal: () => Error): Dispatcher {
  return dispatcher.compose(
    (dispatch) => (options, handler) => dispatch(options, guard(handler, permit, refusal)),
  );
}

function guard(
  handler: Dispatcher.DispatchHandler,
  permit: Permit,
  refusal: () => Error,
): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller, context) => {
      if (permit() > 0) handler.onRequestStart?.(controller, context);
      else controller.abort(refusal());
    },
    onResponseStart: (...answer) => handler.onResponseStart?.(...answer),
    onResponseData: (...chunk) => handler.onResponseData?.(...chunk),
    onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
    onResponseError: (...end) => handler.onResponseError?.(...end),
  };
}
