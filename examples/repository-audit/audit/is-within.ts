/** Whether a path is a folder's own or lies below it. Both are relative to the tree, with `/`, or both absolute. */
export function isWithin(folder: string, path: string): boolean {
  if (folder === '.') return !path.startsWith('/');
  return path === folder || path.startsWith(`${folder}/`);
}
