// Checks that package-lock.json lists every optional package, so that `npm ci` works on each operating system.
// A registry mirror that lacks a platform's binary makes npm leave it out of the lockfile without a word.
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LOCKFILE = fileURLToPath(new URL('../package-lock.json', import.meta.url));

/** Where npm finds `name` for the package at `from`: the nearest node_modules folder that has it. */
function findInstalled(packages, from, name) {
  for (let base = from; ; base = base.slice(0, base.lastIndexOf('/node_modules/'))) {
    const place = `${base}${base === '' ? '' : '/'}node_modules/${name}`;
    if (packages[place]) return packages[place];
    if (!base.includes('/node_modules/')) return packages[`node_modules/${name}`];
  }
}

const isExact = (range) => /^\d+\.\d+\.\d+[\w.+-]*$/.test(range);

/** Returns one sentence for each optional package that the lockfile lacks or has in another version. */
export function findLockfileGaps({ packages }) {
  return Object.entries(packages).flatMap(([place, entry]) =>
    Object.entries(entry.optionalDependencies ?? {}).flatMap(([name, range]) => {
      const owner = `${place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)} ${entry.version}`;
      const found = findInstalled(packages, place, name);
      if (!found) return [`${owner} offers ${name}@${range}, which the lockfile lacks`];
      if (isExact(range) && found.version !== range) {
        return [`${owner} offers ${name}@${range}, but the lockfile has ${found.version}`];
      }
      return found.integrity ? [] : [`${name}@${found.version} has no integrity hash in the lockfile`];
    }),
  );
}

function main() {
  const gaps = findLockfileGaps(JSON.parse(readFileSync(LOCKFILE, 'utf8')));
  for (const gap of gaps) console.log(gap);
  if (gaps.length > 0) {
    console.log('\nPin the package to its newest version that has every platform, then run npm install again.');
  }
  console.log(`lockfile: ${gaps.length === 0 ? 'every platform is listed' : `${gaps.length} gaps`}`);
  process.exitCode = gaps.length === 0 ? 0 : 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
