import { Group, Kbd, Modal, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useAccount } from '../login/account.js';
import { NAVIGATION } from './navigation.js';

/** How long the second key of a pair may take, in milliseconds. */
const PAIR_MS = 1500;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Listens to the console's keys: `/` searches, `?` lists the keys, `g` and a letter goes to a page. */
export function useKeys(showKeys: () => void): void {
  const navigate = useNavigate();
  const { apiRole } = useAccount();
  useEffect(() => {
    let goSince = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]')) return;
      if (event.key === '/') {
        const search = document.querySelector<HTMLInputElement>('input[data-search]');
        if (search) {
          event.preventDefault();
          search.focus();
        }
      } else if (event.key === '?') {
        showKeys();
      } else if (event.key === 'g') {
        goSince = event.timeStamp;
      } else if (event.timeStamp - goSince < PAIR_MS) {
        goSince = 0;
        const page = NAVIGATION.flatMap(({ pages }) => pages).find(
          ({ key, for: roles }) => key === event.key && roles.includes(apiRole),
        );
        if (page) void navigate({ to: page.to });
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate, apiRole, showKeys]);
}

/** Lists the keys. */
export function KeysDialog({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const { apiRole } = useAccount();
  const pages = NAVIGATION.flatMap((group) => group.pages).filter((page) => page.for.includes(apiRole));
  const keys: [string[], string][] = [
    [['/'], 'Search in the list'],
    [['?'], 'Show these keys'],
    [['Esc'], 'Close a dialog'],
    ...pages.map(({ key, title }): [string[], string] => [['g', key], title]),
  ];
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap={6}>
        {keys.map(([pressed, meaning]) => (
          <Group key={meaning} justify="space-between">
            <Text size="sm">{meaning}</Text>
            <Group gap={4}>
              {pressed.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </Group>
          </Group>
        ))}
      </Stack>
    </Modal>
  );
}
