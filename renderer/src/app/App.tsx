// The window: sign-in where it is needed, else the pages.
import { RouterProvider } from '@tanstack/react-router';
import { Tooltip } from 'radix-ui';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useDelayed } from '../ui/Skeleton.js';
import type { AppRouter } from './routes.js';
import { ServicesContext } from './services-context.js';
import type { Services } from './services.js';
import { SignInPage } from './SignInPage.js';

const PATIENCE_MS = 500;

/** The sign-in page stays until the gateway lets us in, also while an attempt is under way. */
function useNeedsSignIn(services: Services): boolean {
  const isAsked = useStore(services.connection.store, (state) => state.status.verb === 'signIn');
  const isReady = useStore(services.connection.store, (state) => state.socket.phase === 'ready');
  const [isNeeded, setNeeded] = useState(false);
  useEffect(() => {
    if (isAsked) setNeeded(true);
    else if (isReady) setNeeded(false);
  }, [isAsked, isReady]);
  return isAsked || (isNeeded && !isReady);
}

function Pages({ services, router }: AppProps) {
  const needsSignIn = useNeedsSignIn(services);
  const isUnknown = useStore(
    services.connection.store,
    (state) =>
      state.desktop === undefined && !state.everReady && state.socket.attempt === 0 && state.socket.phase !== 'refused',
  );
  // In a browser the first answer of the gateway decides which page this is; it usually takes a few milliseconds.
  const isTired = useDelayed(isUnknown, PATIENCE_MS);
  if (needsSignIn) return <SignInPage />;
  if (isUnknown && !services.desktop && !isTired) return null;
  return <RouterProvider router={router} />;
}

interface AppProps {
  services: Services;
  router: AppRouter;
}

export function App({ services, router }: AppProps) {
  return (
    <ServicesContext value={services}>
      <Tooltip.Provider delayDuration={400} skipDelayDuration={200}>
        <Pages services={services} router={router} />
      </Tooltip.Provider>
    </ServicesContext>
  );
}
