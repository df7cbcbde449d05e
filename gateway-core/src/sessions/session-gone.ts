// What is said to whoever goes on with a conversation that was begun anew or removed since it was found.
import { AppError } from '../shared/app-error.js';

export function sessionGone(): AppError {
  return new AppError('session.not_found', { message: 'This conversation was reset or deleted meanwhile.' });
}
