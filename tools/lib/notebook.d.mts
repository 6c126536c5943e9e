/** What a cell wrote, as notebook files hold it. */
export interface CellOutput {
  readonly output_type: string;
  readonly name?: string;
  readonly text?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** A code cell of a notebook file: texts as they are, or as lists of lines. */
export interface CodeCell {
  readonly cell_type: string;
  readonly source: string | readonly string[];
  readonly outputs: readonly {
    readonly text?: readonly string[];
    readonly data?: Readonly<Record<string, readonly string[]>>;
  }[];
}

export function runCells(cells: readonly string[], folder: string): Promise<CellOutput[][]>;
export function codeCells(notebook: { readonly cells: readonly CodeCell[] }): CodeCell[];
export function sourceOf(cell: CodeCell): string;
