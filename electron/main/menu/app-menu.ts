// Installs the application menu and the about panel.
import { app, Menu } from 'electron';
import { buildAppMenu, type AppMenuActions } from './build-app-menu.js';

export function installAppMenu(actions: AppMenuActions): void {
  const facts = { platform: process.platform, appName: app.name, isDevelopment: !app.isPackaged };
  Menu.setApplicationMenu(Menu.buildFromTemplate(buildAppMenu(facts, actions)));
  app.setAboutPanelOptions({ applicationName: app.name, applicationVersion: app.getVersion() });
}
