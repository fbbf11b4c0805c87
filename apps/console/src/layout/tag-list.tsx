/** How much of a tag is shown; its title has all of it. */
const MAX_CHARACTERS = 34;

const shortened = (tag: string): string => (tag.length > MAX_CHARACTERS ? `${tag.slice(0, MAX_CHARACTERS - 1)}…` : tag);

/** Tags as `key=value`. */
export function TagList({ tags, limit = 99 }: { readonly tags: Readonly<Record<string, string>>; readonly limit?: number }) {
  const all = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return (
    <div className="tags">
      {all.slice(0, limit).map((tag) => (
        <span key={tag} className="tag" title={tag}>
          {shortened(tag)}
        </span>
      ))}
      {all.length > limit && (
        <span className="tag" title={all.join(', ')}>
          +{all.length - limit}
        </span>
      )}
    </div>
  );
}
