import { cleanup, render } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { WithCode } from './WithCode.js';

afterEach(cleanup);

describe('a sentence with a command', () => {
  it('shows it as code, without its backticks', () => {
    const { container } = render(<WithCode text="Run `openclaw doctor`, then retry." />);
    expect(container.textContent).toBe('Run openclaw doctor, then retry.');
    expect(container.querySelector('code')?.textContent).toBe('openclaw doctor');
  });
});
