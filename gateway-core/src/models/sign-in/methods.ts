// desktop.models.signIn.*: signing in to a provider instead of pasting its key.
import type { MethodHandlers } from '../../shared/wire.js';
import type { SignIns } from './sign-ins.js';

type SignInMethodName = 'desktop.models.signIn.start' | 'desktop.models.signIn.status' | 'desktop.models.signIn.cancel';

/** Handlers of the three methods. Refusals are AppError request.invalid; a failed sign-in is a status. */
export function createSignInMethods(signIns: SignIns): MethodHandlers<SignInMethodName> {
  return {
    'desktop.models.signIn.start': ({ provider }) => signIns.start(provider),
    'desktop.models.signIn.status': ({ signInId }) => signIns.status(signInId),
    'desktop.models.signIn.cancel': ({ signInId }) => signIns.cancel(signInId),
  };
}
