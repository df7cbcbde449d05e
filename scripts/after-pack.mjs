// electron-builder's afterPack step: takes out the default app, which a runtime brings that was not downloaded by it.
import { rm } from 'node:fs/promises';
import path from 'node:path';

export default async function afterPack({ appOutDir, electronPlatformName, packager }) {
  const resources =
    electronPlatformName === 'darwin'
      ? path.join(appOutDir, `${packager.appInfo.productFilename}.app`, 'Contents', 'Resources')
      : path.join(appOutDir, 'resources');
  await rm(path.join(resources, 'default_app.asar'), { force: true });
}
