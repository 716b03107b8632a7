/* A disk that forgets: preloaded into a process, it keeps beside the real files what a disk would hold after a
   power cut.

   Everything below $POWER_REAL is watched. A byte reaches the file's copy below $POWER_DISK only when the file
   is fsynced or fdatasynced; a name reaches it only when its folder is. With $POWER_EARLY=seed the kernel also
   writes back early, as it may: one write in four goes through at once, half of those cut off at a sector, and
   one change of a name in four. At call number $POWER_CUT of write, truncate, sync, rename, link or unlink the
   power fails: the process is killed before the call. $POWER_LIES=1 is a disk that says it has synced and has
   not.

   $POWER_DISK/tree is what the disk holds; $POWER_DISK/data has one file an inode, which tree links to. The
   -shm files of SQLite are memory, not disk. A process that is forked from one with this library calls
   power_begin itself instead of setting the environment. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define SECTOR 512
#define FILES 4096

struct span { off_t from; size_t length; };

struct inode {
    dev_t device;
    ino_t number;
    int data;           /* the number of its file below data */
    off_t cut_to;       /* the shortest it was truncated to since the last sync, -1 if it was not */
    struct span *spans; /* written since the last sync */
    size_t count, room;
};

static struct inode inodes[FILES];
static int known, next_data;
static const char *real_root, *disk;
static int lies, early, me;
static unsigned chance;
static long calls_left, calls;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*next_write)(int, const void *, size_t);
static ssize_t (*next_writev)(int, const struct iovec *, int);
static ssize_t (*next_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*next_pread)(int, void *, size_t, off_t);
static int (*next_ftruncate)(int, off_t);
static int (*next_unlink)(const char *);
static int (*next_unlinkat)(int, const char *, int);
static int (*next_rename)(const char *, const char *);
static int (*next_link)(const char *, const char *);

static void register_tree(const char *folder);

/* Begin to watch `root`, which holds what `onto`/tree holds; the power fails at call number `cut` (0: never). */
void power_begin(const char *root, const char *onto, long cut, long seed, int lying) {
    real_root = strdup(root);
    disk = strdup(onto);
    me = (int)getpid();
    calls_left = cut;
    early = seed > 0;
    chance = (unsigned)seed;
    lies = lying;
    register_tree(real_root);
}

/* How many calls the power would fail at have gone by. */
long power_calls(void) { return calls; }

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
    next_write = dlsym(RTLD_NEXT, "write");
    next_writev = dlsym(RTLD_NEXT, "writev");
    next_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    next_pread = dlsym(RTLD_NEXT, "pread64");
    next_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    next_unlink = dlsym(RTLD_NEXT, "unlink");
    next_unlinkat = dlsym(RTLD_NEXT, "unlinkat");
    next_rename = dlsym(RTLD_NEXT, "rename");
    next_link = dlsym(RTLD_NEXT, "link");
    unsetenv("LD_PRELOAD"); /* children are other programs */
    if (getenv("POWER_REAL") && getenv("POWER_DISK"))
        power_begin(getenv("POWER_REAL"), getenv("POWER_DISK"), number("POWER_CUT"), number("POWER_EARLY"),
                    number("POWER_LIES") != 0);
}

/* `first`/`second` into a buffer of PATH_MAX bytes. */
static void join(char *buffer, const char *first, const char *second) {
    if (snprintf(buffer, PATH_MAX, "%s/%s", first, second) >= PATH_MAX) abort();
}

/* The path below the watched folder, "" for the folder itself, NULL for one that is not watched. */
static const char *below(const char *path) {
    size_t length = real_root ? strlen(real_root) : 0;
    if (!length || strncmp(path, real_root, length) || (path[length] && path[length] != '/')) return NULL;
    if (strstr(path, "-shm") || strstr(path, " (deleted)")) return NULL;
    return path[length] ? path + length + 1 : "";
}

static const char *path_of(int fd, char *buffer) {
    char link_path[64];
    snprintf(link_path, sizeof link_path, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link_path, buffer, PATH_MAX - 1);
    if (length < 0) return NULL;
    buffer[length] = 0;
    return buffer;
}

static void data_path(const struct inode *inode, char *buffer) {
    snprintf(buffer, PATH_MAX, "%s/data/%d-%d", disk, me, inode->data);
}

static struct inode *find(const struct stat *status) {
    for (int k = 0; k < known; k++)
        if (inodes[k].device == status->st_dev && inodes[k].number == status->st_ino) return &inodes[k];
    return NULL;
}

/* A new inode; `tree_path` is its file on the disk when it has one, else it is empty there. */
static struct inode *add(const struct stat *status, const char *tree_path) {
    char path[PATH_MAX];
    if (known == FILES) abort();
    struct inode *inode = &inodes[known++];
    *inode = (struct inode){.device = status->st_dev, .number = status->st_ino, .data = next_data++, .cut_to = -1};
    data_path(inode, path);
    if (tree_path && !next_link(tree_path, path)) return inode;
    int made = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (made < 0) abort();
    close(made);
    return inode;
}

/* The inode number is free for another file. */
static void forget(const struct stat *status) {
    struct inode *inode = find(status);
    if (!inode) return;
    free(inode->spans);
    *inode = inodes[--known];
}

static struct inode *watched(int fd) {
    struct stat status;
    char path[PATH_MAX];
    if (!real_root || fstat(fd, &status) || !S_ISREG(status.st_mode)) return NULL;
    struct inode *inode = find(&status);
    if (inode) return inode;
    if (!path_of(fd, path) || !below(path)) return NULL;
    return add(&status, NULL);
}

static void register_tree(const char *folder) {
    char path[PATH_MAX], tree_path[PATH_MAX];
    struct stat status;
    struct dirent *entry;
    DIR *open_folder = opendir(folder);
    if (!open_folder) return;
    while ((entry = readdir(open_folder))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        join(path, folder, entry->d_name);
        if (lstat(path, &status) || !below(path)) continue;
        snprintf(tree_path, sizeof tree_path, "%s/tree/%s", disk, below(path));
        if (S_ISDIR(status.st_mode)) register_tree(path);
        else if (S_ISREG(status.st_mode) && !find(&status)) add(&status, tree_path);
    }
    closedir(open_folder);
}

/* A file that is open for writing only is read through a descriptor of its own; others are not, since closing
   that would drop the locks of the process. */
static int open_to_read(int fd) {
    char path[64];
    if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_WRONLY) return fd;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int readable = open(path, O_RDONLY);
    if (readable < 0) abort();
    return readable;
}

static void copy(int from, int to, off_t offset, size_t length) {
    static char buffer[1 << 16];
    while (length) {
        size_t part = length < sizeof buffer ? length : sizeof buffer;
        ssize_t given = next_pread(from, buffer, part, offset);
        if (given < 0) abort();
        if (given == 0) return; /* it was truncated meanwhile */
        if (next_pwrite(to, buffer, (size_t)given, offset) != given) abort();
        offset += given;
        length -= (size_t)given;
    }
}

static int open_data(const struct inode *inode) {
    char path[PATH_MAX];
    data_path(inode, path);
    int fd = open(path, O_RDWR);
    if (fd < 0) abort();
    return fd;
}

static void sync_file(int fd, struct inode *inode) {
    struct stat status;
    int data = open_data(inode), source = open_to_read(fd);
    if (inode->cut_to >= 0) next_ftruncate(data, inode->cut_to);
    for (size_t k = 0; k < inode->count; k++) copy(source, data, inode->spans[k].from, inode->spans[k].length);
    if (!fstat(fd, &status)) next_ftruncate(data, status.st_size);
    if (source != fd) close(source);
    close(data);
    inode->count = 0;
    inode->cut_to = -1;
}

/* The names of one folder on the disk become those it really has. */
static void sync_names(const char *folder) {
    char path[PATH_MAX], tree[PATH_MAX], tree_path[PATH_MAX], data[PATH_MAX];
    struct stat status, there;
    struct dirent *entry;
    snprintf(tree, sizeof tree, "%s/tree/%s", disk, below(folder));
    mkdir(tree, 0700);
    DIR *open_folder = opendir(folder);
    while (open_folder && (entry = readdir(open_folder))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        join(path, folder, entry->d_name);
        join(tree_path, tree, entry->d_name);
        if (lstat(path, &status) || !below(path)) continue;
        if (S_ISDIR(status.st_mode)) mkdir(tree_path, 0700);
        if (!S_ISREG(status.st_mode)) continue;
        struct inode *inode = find(&status);
        if (!inode) inode = add(&status, NULL);
        data_path(inode, data);
        if (stat(data, &status)) abort();
        if (!stat(tree_path, &there) && there.st_ino == status.st_ino) continue;
        next_unlink(tree_path);
        if (next_link(data, tree_path)) abort();
    }
    if (open_folder) closedir(open_folder);
    open_folder = opendir(tree);
    while (open_folder && (entry = readdir(open_folder))) {
        join(path, folder, entry->d_name);
        join(tree_path, tree, entry->d_name);
        if (lstat(path, &status) && errno == ENOENT) next_unlink(tree_path);
    }
    if (open_folder) closedir(open_folder);
}

static void tick(void) {
    calls++;
    if (calls_left > 0 && --calls_left == 0) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
}

static int one_in(int many) { return early && rand_r(&chance) % many == 0; }

/* A write that has happened: remembered until the next sync, now and then on the disk at once. */
static void wrote(int fd, struct inode *inode, off_t from, size_t length) {
    if (inode->count == inode->room) {
        inode->room = inode->room ? 2 * inode->room : 64;
        inode->spans = realloc(inode->spans, inode->room * sizeof *inode->spans);
        if (!inode->spans) abort();
    }
    inode->spans[inode->count++] = (struct span){from, length};
    if (lies || !one_in(4)) return;
    if (one_in(2) && length > SECTOR) length = SECTOR * (1 + (size_t)rand_r(&chance) % (length / SECTOR));
    int data = open_data(inode), source = open_to_read(fd);
    copy(source, data, from, length);
    if (source != fd) close(source);
    close(data);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
    pthread_mutex_lock(&lock);
    struct inode *inode = watched(fd);
    if (inode) tick();
    ssize_t done = next_pwrite(fd, bytes, length, offset);
    if (inode && done > 0) wrote(fd, inode, offset, (size_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    return pwrite64(fd, bytes, length, offset);
}

/* Where a write by the file's own position went: it ends where the position is now. */
static void wrote_here(int fd, struct inode *inode, ssize_t done) {
    if (inode && done > 0) wrote(fd, inode, lseek(fd, 0, SEEK_CUR) - done, (size_t)done);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    pthread_mutex_lock(&lock);
    struct inode *inode = watched(fd);
    if (inode) tick();
    ssize_t done = next_write(fd, bytes, length);
    wrote_here(fd, inode, done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    pthread_mutex_lock(&lock);
    struct inode *inode = watched(fd);
    if (inode) tick();
    ssize_t done = next_writev(fd, parts, count);
    wrote_here(fd, inode, done);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate64(int fd, off_t length) {
    pthread_mutex_lock(&lock);
    struct inode *inode = watched(fd);
    if (inode) tick();
    int failed = next_ftruncate(fd, length);
    if (inode && !failed && (inode->cut_to < 0 || length < inode->cut_to)) inode->cut_to = length;
    pthread_mutex_unlock(&lock);
    return failed;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int fsync(int fd) {
    struct stat status;
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    struct inode *inode = watched(fd);
    if (inode) {
        tick();
        if (!lies) sync_file(fd, inode);
    } else if (real_root && !fstat(fd, &status) && S_ISDIR(status.st_mode) && path_of(fd, path) && below(path)) {
        tick();
        if (!lies) sync_names(path);
    }
    pthread_mutex_unlock(&lock);
    return 0;
}

int fdatasync(int fd) { return fsync(fd); }

/* Before a name changes: the inode that loses its last name is forgotten, as its number may come again. */
static void unnamed(int folder, const char *path) {
    struct stat status;
    if (!fstatat(folder, path, &status, AT_SYMLINK_NOFOLLOW) && S_ISREG(status.st_mode) && status.st_nlink == 1)
        forget(&status);
}

static int is_watched(const char *path) { return real_root && path[0] == '/' && below(path) != NULL; }

static void renamed(const char *path) {
    char folder[PATH_MAX];
    if (lies || !one_in(4)) return;
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = 0;
    sync_names(folder);
}

int unlink(const char *path) {
    if (!is_watched(path)) return next_unlink(path);
    pthread_mutex_lock(&lock);
    tick();
    unnamed(AT_FDCWD, path);
    int failed = next_unlink(path);
    if (!failed) renamed(path);
    pthread_mutex_unlock(&lock);
    return failed;
}

int unlinkat(int folder, const char *path, int flags) {
    if (folder == AT_FDCWD && !flags) return unlink(path);
    pthread_mutex_lock(&lock);
    if (real_root && !flags) unnamed(folder, path);
    int failed = next_unlinkat(folder, path, flags);
    pthread_mutex_unlock(&lock);
    return failed;
}

int rename(const char *from, const char *to) {
    if (!is_watched(to)) return next_rename(from, to);
    pthread_mutex_lock(&lock);
    tick();
    unnamed(AT_FDCWD, to);
    int failed = next_rename(from, to);
    if (!failed) renamed(to);
    pthread_mutex_unlock(&lock);
    return failed;
}

int link(const char *from, const char *to) {
    if (!is_watched(to)) return next_link(from, to);
    pthread_mutex_lock(&lock);
    tick();
    int failed = next_link(from, to);
    if (!failed) renamed(to);
    pthread_mutex_unlock(&lock);
    return failed;
}
