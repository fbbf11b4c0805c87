import { Badge, Group } from '@mantine/core';

/** Tags as `key=value`. */
export function TagList({ tags, limit = 99 }: { readonly tags: Readonly<Record<string, string>>; readonly limit?: number }) {
  const all = Object.entries(tags);
  return (
    <Group gap={4}>
      {all.slice(0, limit).map(([key, value]) => (
        <Badge key={key} variant="light" color="gray" tt="none" fw={500} radius="sm" maw={220} title={`${key}=${value}`}>
          {key}={value}
        </Badge>
      ))}
      {all.length > limit && (
        <Badge
          variant="outline"
          color="gray"
          tt="none"
          radius="sm"
          title={all.map(([key, value]) => `${key}=${value}`).join(', ')}
        >
          +{all.length - limit}
        </Badge>
      )}
    </Group>
  );
}
