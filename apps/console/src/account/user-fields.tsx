import { Select, TextInput } from '@mantine/core';
import { API_ROLE_WORDS, type User } from './users.js';

/** What an administrator chooses for a user. */
export type UserFieldsValue = Pick<User, 'email' | 'apiRole'>;

const CHOICES = Object.keys(API_ROLE_WORDS);

/** The fields of a user, new or not. */
export function UserFields({
  value,
  onChange,
}: {
  readonly value: UserFieldsValue;
  readonly onChange: (changed: Partial<UserFieldsValue>) => void;
}) {
  return (
    <>
      <TextInput
        label="E-mail"
        type="email"
        required
        data-autofocus
        value={value.email}
        onChange={(event) => onChange({ email: event.currentTarget.value })}
      />
      <Select
        label="May do in the API"
        description={API_ROLE_WORDS[value.apiRole]}
        required
        data={CHOICES}
        allowDeselect={false}
        value={value.apiRole}
        onChange={(chosen) => onChange({ apiRole: chosen === 'administrator' || chosen === 'auditor' ? chosen : 'user' })}
      />
    </>
  );
}
