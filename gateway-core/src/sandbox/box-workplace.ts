// A sandbox as the tools see it.
import type { Clock } from '../shared/clock.js';
import type { CommandRequest, HostCommand, Workplace } from '../tools/index.js';
import type { Backend } from './backends/backend.js';
import { createGuestFiles } from './guest/guest-files.js';
import type { BoxPlan } from './plan/plan-types.js';

function rootsOf(box: BoxPlan): { readable: string[]; writable: string[] } {
  if (box.mounts.length === 0) return { readable: [box.workdir], writable: [box.workdir] };
  const targets = (mounts: BoxPlan['mounts']) => mounts.map(({ target }) => target);
  return { readable: targets(box.mounts), writable: targets(box.mounts.filter(({ isReadOnly }) => !isReadOnly)) };
}

export function createWorkplace(box: BoxPlan, backend: Backend, clock: Clock): Workplace {
  const command = (request: CommandRequest): Promise<HostCommand> => backend.command(box, request);
  return {
    kind: box.backend,
    workdir: box.workdir,
    isWritable: box.isWritable,
    name: box.name,
    command,
    files: createGuestFiles({ name: box.name, workdir: box.workdir, ...rootsOf(box), command, clock }),
  };
}
