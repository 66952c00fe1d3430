import type { Location } from '#src/errors.ts'
import type { Path } from './node.ts'

/** A {@link ConfigIssue} in the making. */
export interface Problem {
  readonly location: Location
  readonly path: Path
  readonly message: string
  /** What is missing. Not worth saying while a file that may hold it cannot be read, or when it is only misspelt. */
  readonly missing?: Path
  /** The path that was probably meant. */
  readonly meant?: Path
}
