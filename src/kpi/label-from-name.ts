/** `Writes Per Read` for `writes_per_read`: how people read a KPI that nobody gave a name. */
export function labelFromName(name: string): string {
  return name.replace(/_/g, ' ').replace(/(?<=^| )\p{Ll}/gu, (letter) => letter.toUpperCase())
}
