#pragma once

namespace treeline {

/// Lets memory blocks of 2 MiB and more go back to the system when they are freed. glibc would
/// raise its threshold for that to 32 MiB with the first such block, and then keep freed columns,
/// bins and buffers in a heap for each thread: 100 MB after a fit on 55 MB of data
/// (docs/decisions/0106). Leaves alone what MALLOC_MMAP_THRESHOLD_ or GLIBC_TUNABLES say; does
/// nothing with other C libraries. For the whole process, once.
void ReturnLargeBlocks();

}  // namespace treeline
