import type { SpawnOptions } from "node:child_process";

export function run(command: string, args: string[], options?: SpawnOptions): Promise<string>;
export function packProject(): Promise<{ tarball: string; files: string[] }>;
export function makeConsumer(packages: string[], ...options: string[]): Promise<string>;
