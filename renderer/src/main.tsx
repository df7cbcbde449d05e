// Entry of the window: take the secret out of the address, build the services, draw, connect.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.js';
import { followAppearance } from './app/appearance.js';
import { createAppRouter } from './app/routes.js';
import { createServices, watchFragment } from './app/services.js';
import { inBackground } from './data/in-background.js';
import './styles/base.css';

const { services, begin } = createServices(
  window,
  window.desktop?.appVersion ?? import.meta.env.VITE_APP_VERSION ?? 'web',
);
if (!services.desktop) watchFragment(window, services.signIn);
followAppearance(document, services.preferences, services.desktop);

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App services={services} router={createAppRouter()} />
    </StrictMode>,
  );
}
inBackground(begin());
