import { describe, expect, it } from 'vitest';
import { ApprovalReason, fits } from '../protocol/index.js';
import { approvalReason } from './approval-reason.js';
import type { ExecCause } from './decide-exec.js';

const decided = (cause: ExecCause | undefined, listable: string[] = []) => ({ reason: 'Because.', cause, listable });

describe('why a person is asked', () => {
  it('names what is not listed, and what "always" would list', () => {
    const cause = { code: 'not-listed', about: ['/bin/rm', '/bin/curl', '/bin/rm'] } as const;
    const reason = approvalReason(decided(cause, ['/bin/rm', '/bin/curl']), 'gateway');
    expect(reason).toEqual({
      code: 'not-listed',
      text: 'Because.',
      about: ['/bin/rm', '/bin/curl'],
      listable: ['/bin/rm', '/bin/curl'],
    });
    expect(fits(ApprovalReason, reason)).toBe(true);
  });

  it.each(['every-command', 'own-wish', 'inline-code', 'variable'] as const)(
    'promises nothing for good where it is asked again anyway: %s',
    (code) => {
      expect(approvalReason(decided({ code, about: [] }, ['/bin/ls']), 'gateway')).toEqual({
        code,
        text: 'Because.',
        listable: [],
      });
    },
  );

  it('does not say of a device what only holds for this computer', () => {
    const reason = approvalReason(decided({ code: 'not-found', about: ['ls'] }), 'node');
    expect(reason).toMatchObject({ code: 'on-node', listable: [] });
    expect(reason?.about).toBeUndefined();
  });

  it('is silent when nobody is asked', () => {
    expect(approvalReason(decided(undefined), 'gateway')).toBeUndefined();
  });

  it('clears names of what cannot be seen, and cuts them', () => {
    const cause = { code: 'not-found', about: ['a\u202Eb\nc', 'x'.repeat(5_000), '\u200B'] } as const;
    const { about = [] } = approvalReason(decided(cause), 'gateway') ?? {};
    expect(about[0]).toBe('a b c');
    expect(about[1]).toHaveLength(160);
    expect(about).toHaveLength(2);
  });
});
