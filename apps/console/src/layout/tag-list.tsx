/** How much of a tag a table shows; its title has all of it. */
const MAX_CHARACTERS = 34;

const shortened = (tag: string): string => (tag.length > MAX_CHARACTERS ? `${tag.slice(0, MAX_CHARACTERS - 1)}…` : tag);

/** Tags as `key=value`. @param limit in a table: how many are shown, and long ones are shortened */
export function TagList({ tags, limit }: { readonly tags: Readonly<Record<string, string>>; readonly limit?: number }) {
  const all = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return (
    <div className="tags">
      {all.slice(0, limit).map((tag) => (
        <span key={tag} className="tag" title={tag}>
          {limit === undefined ? tag : shortened(tag)}
        </span>
      ))}
      {limit !== undefined && all.length > limit && (
        <span className="tag" title={all.join(', ')}>
          +{all.length - limit}
        </span>
      )}
    </div>
  );
}
