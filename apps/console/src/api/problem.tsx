import { Alert, Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { ApiError } from '@sluice/sdk';
import { TriangleAlert } from 'lucide-react';

/** The sentence that says what went wrong: the API's own words if it gave any. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The field of a form that a refusal names, and why; undefined if it names none. */
export function fieldProblem(error: unknown): { field: string; message: string } | undefined {
  return error instanceof ApiError && error.field !== undefined ? { field: error.field, message: error.message } : undefined;
}

/** Whether somebody else changed the object since it was read. */
export const isConflict = (error: unknown): boolean => error instanceof ApiError && error.code === 'version_conflict';

/** Says that an action failed. */
export function notifyProblem(title: string, error: unknown): void {
  notifications.show({ color: 'red', title, message: messageOf(error), autoClose: 10_000 });
}

/** Whether the API rejects what it was asked, so that asking again is of no use. */
export const isInvalid = (error: unknown): boolean => error instanceof ApiError && error.status === 400;

/** Stands where data would be that could not be read. */
export function Problem({
  error,
  title,
  retry,
}: {
  readonly error: unknown;
  readonly title?: string;
  readonly retry?: () => void;
}) {
  const missing = error instanceof ApiError && error.status === 404;
  return (
    <Alert
      icon={<TriangleAlert size={18} />}
      color={missing ? 'gray' : 'red'}
      title={title ?? (missing ? 'Not found' : 'This could not be read')}
      role="alert"
    >
      <Text size="sm">{messageOf(error)}</Text>
      {retry && !missing && (
        <Group mt="sm">
          <Button size="xs" variant="light" color="red" onClick={retry}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  );
}
