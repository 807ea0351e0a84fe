#include "backends/linux_landlock/seccomp_table.h"

namespace paddock {
namespace {

using Name = absl::string_view;
using Kind = ArgumentTest::Kind;

// Constants of the kernel's uapi headers; tests/unit/linux_landlock/seccomp_test.cc compares them with <linux/...>.
constexpr uint32_t kAllBits = 0xffffffff;
constexpr uint32_t kCloneNewNamespaces = 0x7e020000;  // NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
constexpr uint32_t kCloneNewTime = 0x80;              // in clone() these bits are the exit signal instead
constexpr uint32_t kSetIdBits = 06000;                // S_ISUID | S_ISGID
constexpr uint32_t kFileTypeBits = 0170000;           // S_IFMT
constexpr uint32_t kCreatesFile = 020000100;          // O_CREAT | __O_TMPFILE: open reads its mode
constexpr uint32_t kHarmlessPersonality = 0x60008;    // ADDR_NO_RANDOMIZE, UNAME26, PER_LINUX32

constexpr uint32_t kDeviceTypes[] = {0020000, 0060000};             // S_IFCHR, S_IFBLK
constexpr uint32_t kTerminalInjection[] = {0x5412, 0x541c};         // TIOCSTI, TIOCLINUX
constexpr uint32_t kLineDiscipline[] = {0x5423};                    // TIOCSETD
constexpr uint32_t kFamilies[] = {1, 2, 10, 16};                    // AF_UNIX, AF_INET, AF_INET6, AF_NETLINK
constexpr uint32_t kInetFamilies[] = {2, 10};                       // AF_INET, AF_INET6
constexpr uint32_t kInetProtocols[] = {0, 1, 6, 17, 58, 136, 262};  // any, ICMP, TCP, UDP, ICMPv6, UDPLITE, MPTCP
constexpr uint32_t kNetlinkFamily[] = {16};                         // AF_NETLINK
constexpr uint32_t kNetlinkRoute[] = {0};                           // NETLINK_ROUTE
constexpr uint32_t kPersonalityQuery[] = {0xffffffff};              // changes nothing
constexpr uint32_t kEveryProcess[] = {0xffffffff};                  // kill(-1)
constexpr uint32_t kItself[] = {0};                                 // the calling process
constexpr uint32_t kPrioProcess[] = {0};                            // PRIO_PROCESS
constexpr uint32_t kIoprioProcess[] = {1};                          // IOPRIO_WHO_PROCESS
constexpr uint32_t kSetModeFilter[] = {1};                          // SECCOMP_SET_MODE_FILTER
constexpr uint32_t kNewListener = 0x8;                              // SECCOMP_FILTER_FLAG_NEW_LISTENER

// argument, kind, mask, values
constexpr ArgumentTest kCloneIntoNamespace[] = {{0, Kind::kAnyBitOf, kCloneNewNamespaces, {}}};
constexpr ArgumentTest kUnshareNamespace[] = {{0, Kind::kAnyBitOf, kCloneNewNamespaces | kCloneNewTime, {}}};
constexpr ArgumentTest kListener[] = {{0, Kind::kOneOf, kAllBits, kSetModeFilter},
                                      {1, Kind::kAnyBitOf, kNewListener, {}}};
constexpr ArgumentTest kPersonality[] = {{0, Kind::kAnyBitOf, ~kHarmlessPersonality, {}},
                                         {0, Kind::kNoneOf, kAllBits, kPersonalityQuery}};
constexpr ArgumentTest kInjectInput[] = {{1, Kind::kOneOf, kAllBits, kTerminalInjection}};
constexpr ArgumentTest kSetDiscipline[] = {{1, Kind::kOneOf, kAllBits, kLineDiscipline}};
constexpr ArgumentTest kOtherFamily[] = {{0, Kind::kNoneOf, kAllBits, kFamilies}};
constexpr ArgumentTest kOtherNetlink[] = {{0, Kind::kOneOf, kAllBits, kNetlinkFamily},
                                          {2, Kind::kNoneOf, kAllBits, kNetlinkRoute}};
constexpr ArgumentTest kOtherInet[] = {{0, Kind::kOneOf, kAllBits, kInetFamilies},
                                       {2, Kind::kNoneOf, kAllBits, kInetProtocols}};
constexpr ArgumentTest kAnyInet[] = {{0, Kind::kOneOf, kAllBits, kInetFamilies}};
constexpr ArgumentTest kKillAll[] = {{0, Kind::kOneOf, kAllBits, kEveryProcess}};
constexpr ArgumentTest kLimitsOfOthers[] = {{0, Kind::kNoneOf, kAllBits, kItself}};
constexpr ArgumentTest kPriorityOfMany[] = {{0, Kind::kNoneOf, kAllBits, kPrioProcess}};
constexpr ArgumentTest kIoPriorityOfMany[] = {{0, Kind::kNoneOf, kAllBits, kIoprioProcess}};
constexpr ArgumentTest kSetIdMode1[] = {{1, Kind::kAnyBitOf, kSetIdBits, {}}};
constexpr ArgumentTest kSetIdMode2[] = {{2, Kind::kAnyBitOf, kSetIdBits, {}}};
constexpr ArgumentTest kSetIdOpen[] = {{1, Kind::kAnyBitOf, kCreatesFile, {}}, {2, Kind::kAnyBitOf, kSetIdBits, {}}};
constexpr ArgumentTest kSetIdOpenat[] = {{2, Kind::kAnyBitOf, kCreatesFile, {}}, {3, Kind::kAnyBitOf, kSetIdBits, {}}};
constexpr ArgumentTest kDevice1[] = {{1, Kind::kOneOf, kFileTypeBits, kDeviceTypes}};
constexpr ArgumentTest kDevice2[] = {{2, Kind::kOneOf, kFileTypeBits, kDeviceTypes}};

constexpr Name kIoUring[] = {"io_uring_setup", "io_uring_enter", "io_uring_register"};
constexpr Name kMounts[] = {"mount",          "umount2", "pivot_root", "chroot",  "move_mount", "open_tree",
                            "open_tree_attr", "fsopen",  "fsconfig",   "fsmount", "fspick",     "mount_setattr"};
constexpr Name kModules[] = {"init_module",   "finit_module",    "delete_module",
                             "create_module", "get_kernel_syms", "query_module"};
constexpr Name kKernelImages[] = {"kexec_load", "kexec_file_load", "reboot"};
constexpr Name kKeys[] = {"add_key", "request_key", "keyctl"};
constexpr Name kClocks[] = {"settimeofday", "clock_settime", "clock_adjtime", "adjtimex"};
constexpr Name kSwap[] = {"swapon", "swapoff"};
constexpr Name kQuotas[] = {"quotactl", "quotactl_fd"};
constexpr Name kHostName[] = {"sethostname", "setdomainname"};
constexpr Name kPorts[] = {"iopl", "ioperm"};
constexpr Name kSockets[] = {"socket", "socketpair"};
constexpr Name kObsolete[] = {"uselib", "ustat", "sysfs", "_sysctl", "nfsservctl", "lookup_dcookie"};
constexpr Name kModeSecond[] = {"chmod", "fchmod", "creat", "mknod"};
constexpr Name kModeThird[] = {"fchmodat", "fchmodat2", "mknodat"};

constexpr Name kSysvIpc[] = {"shmget", "shmat",  "shmctl", "semget", "semop",   "semtimedop", "semctl",
                             "msgget", "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink"};

constexpr Name kAcct[] = {"acct"}, kBpf[] = {"bpf"}, kClone[] = {"clone"}, kClone3[] = {"clone3"},
               kFanotify[] = {"fanotify_init"}, kIoctl[] = {"ioctl"}, kIoprioSet[] = {"ioprio_set"}, kKill[] = {"kill"},
               kMknod[] = {"mknod"}, kMknodat[] = {"mknodat"}, kOpen[] = {"open"}, kOpenat[] = {"openat"},
               kOpenat2[] = {"openat2"}, kOpenByHandle[] = {"open_by_handle_at"}, kPerf[] = {"perf_event_open"},
               kPersonalityCall[] = {"personality"}, kPidfdGetfd[] = {"pidfd_getfd"}, kPrlimit[] = {"prlimit64"},
               kSeccomp[] = {"seccomp"}, kSetns[] = {"setns"}, kSetpriority[] = {"setpriority"}, kSocket[] = {"socket"},
               kSyslog[] = {"syslog"}, kUnshare[] = {"unshare"}, kUserfaultfd[] = {"userfaultfd"},
               kVhangup[] = {"vhangup"};

using R = SeccompResult;
using W = SeccompWhen;

// clang-format off
constexpr SeccompRule kRules[] = {
  // Namespaces and mounts: the way to new capabilities, and to a view without the masks.
  {kMounts, {}, R::kEperm, W::kAlways, "",
   "takes masks and read-only mounts away, or shows the host below another path",
   "mount, umount, chroot, FUSE mounts, bubblewrap, containers"},
  {kUnshare, kUnshareNamespace, R::kEperm, W::kAlways, "with a namespace flag",
   "a new user namespace gives every capability inside it, and with them most of the kernel's attack surface",
   "unshare(1), rootless podman, bubblewrap, the nix build sandbox"},
  {kClone, kCloneIntoNamespace, R::kEperm, W::kAlways, "with a namespace flag",
   "as unshare",
   "the sandbox of Chromium and Electron, which start with --no-sandbox only"},
  {kClone3, {}, R::kEnosys, W::kAlways, "",
   "its flags stand in memory, where a filter cannot look",
   "nothing known: glibc and Go fall back to clone"},
  {kSetns, {}, R::kEperm, W::kAlways, "",
   "enters a namespace of a process that a descriptor names",
   "nsenter, ip netns exec"},

  // Ways around the filter itself or around path checks.
  {kIoUring, {}, R::kEnosys, W::kAlways, "",
   "opens files and sockets without a system call that a filter sees; frequent kernel bugs",
   "speed only: libuv, tokio-uring, liburing users fall back to epoll or threads, or say that there is none"},
  {kSeccomp, kListener, R::kEbusy, W::kAlways, "SECCOMP_SET_MODE_FILTER with SECCOMP_FILTER_FLAG_NEW_LISTENER",
   "a listener of the command's own would stand between it and one of Paddock's; a chain has room for one",
   "sandboxes and container runtimes that decide calls in user space; other filters can still be added"},
  {kOpenByHandle, {}, R::kEperm, W::kAlways, "",
   "opens a file by its inode number: no path, so no mask and no grant on the way",
   "CRIU, user-space NFS servers, backup tools that keep handles"},
  {kPidfdGetfd, {}, R::kEperm, W::kAlways, "",
   "takes open files out of another process",
   "some container debuggers; gdb and strace do without it"},
  {kPersonalityCall, kPersonality, R::kEperm, W::kAlways,
   "any bit but ADDR_NO_RANDOMIZE, UNAME26 and PER_LINUX32; the query 0xffffffff is allowed",
   "READ_IMPLIES_EXEC and MMAP_PAGE_ZERO weaken the process and the kernel; other personalities reach dead code",
   "setarch with options other than -R, --uname-2.6 and the 32-bit names"},

  // Sockets that no network namespace holds back, or that few use and load a kernel module of their own.
  {kSockets, kOtherFamily, R::kEafnosupport, W::kAlways, "families but AF_UNIX, AF_INET, AF_INET6, AF_NETLINK",
   "AF_VSOCK reaches the hypervisor's host whatever the network namespace; AF_ALG, AF_PACKET, AF_XDP, AF_BLUETOOTH, "
   "AF_CAN, AF_TIPC, AF_SMC are rarely used kernel code with a history of local root",
   "tcpdump and packet captures, vsock clients, kernel crypto by AF_ALG, bluetooth, CAN tools"},
  {kSocket, kOtherNetlink, R::kEprotonosupport, W::kAlways, "AF_NETLINK with a protocol but NETLINK_ROUTE",
   "netfilter, xfrm, audit, uevents and others: large parsers, some of them not per namespace",
   "nft, iptables, ss (falls back to /proc/net), udevadm monitor; PAM takes it as a kernel without audit"},
  {kSocket, kOtherInet, R::kEprotonosupport, W::kAlways,
   "AF_INET and AF_INET6 with a protocol but TCP, UDP, UDP-Lite, ICMP, ICMPv6, MPTCP",
   "SCTP, DCCP, L2TP and SMC load their kernel module on demand",
   "SCTP, DCCP and L2TP programs; raw sockets of other protocols, which need a capability anyway"},

  // No namespaces (tier `landlock`): what the host's own would show.
  {kSocket, kAnyInet, R::kEafnosupport, W::kNetworkOff, "AF_INET, AF_INET6",
   "with the host's network in reach, Landlock alone would let UDP, MPTCP and TCP fast open through",
   "loopback servers and clients as well; AF_UNIX and socketpair stay"},
  {kSysvIpc, {}, R::kEnosys, W::kHostNamespaces, "",
   "shared memory, semaphores and queues of the same user's other programs",
   "PostgreSQL, and whatever else uses System V IPC or POSIX message queues"},
  {kKill, kKillAll, R::kEperm, W::kHostNamespaces, "every process (-1)",
   "ends everything that the user runs; before Landlock ABI 6 nothing else holds it back",
   "kill -9 -1"},
  {kPrlimit, kLimitsOfOthers, R::kEperm, W::kHostNamespaces, "another process than the caller",
   "takes memory, files or time away from the user's other programs",
   "prlimit --pid"},
  {kSetpriority, kPriorityOfMany, R::kEperm, W::kHostNamespaces, "PRIO_PGRP, PRIO_USER",
   "slows all that the user runs",
   "renice -g and -u"},
  {kIoprioSet, kIoPriorityOfMany, R::kEperm, W::kHostNamespaces, "IOPRIO_WHO_PGRP, IOPRIO_WHO_USER",
   "as setpriority",
   "ionice -P and -u"},

  // The terminal.
  {kIoctl, kInjectInput, R::kEperm, W::kAlways, "TIOCSTI, TIOCLINUX",
   "types into the terminal, which the user's shell reads after the run",
   "nothing usual"},
  {kIoctl, kSetDiscipline, R::kEperm, W::kAlways, "TIOCSETD",
   "line disciplines load kernel modules on demand (n_gsm, n_hdlc: local root in the past)",
   "slattach, pppd, ldattach"},

  // The kernel's programming interfaces.
  {kBpf, {}, R::kEperm, W::kAlways, "",
   "programs inside the kernel; the verifier's bugs are local root",
   "bpftrace, bcc, bpftool"},
  {kUserfaultfd, {}, R::kEperm, W::kAlways, "",
   "stops the kernel at a moment of the attacker's choice; the usual helper of kernel exploits",
   "live migration of virtual machines, some garbage collectors' fast paths, CRIU"},
  {kPerf, {}, R::kEperm, W::kNoPerf, "where kernel.perf_event_paranoid is below 2, or unknown",
   "measures other processes and the kernel",
   "perf, hardware counters of benchmarks"},
  {kKeys, {}, R::kEperm, W::kAlways, "",
   "keyrings belong to the user id, not to a namespace: the host's keys could be read and replaced",
   "keyctl, Kerberos caches of type KEYRING, fscrypt and eCryptfs set-up"},
  {kFanotify, {}, R::kEperm, W::kAlways, "",
   "watches files of the whole mount, beyond the grants",
   "fatrace, scanners; inotify stays"},
  {kModules, {}, R::kEperm, W::kAlways, "",
   "code in the kernel",
   "insmod, rmmod, modprobe"},
  {kKernelImages, {}, R::kEperm, W::kAlways, "",
   "another kernel, or none",
   "kexec, reboot"},
  {kPorts, {}, R::kEperm, W::kAlways, "",
   "hardware ports (x86)",
   "tools that drive hardware from user space"},

  // The host as a whole.
  {kClocks, {}, R::kEperm, W::kAlways, "",
   "sets the host's clock; whether a call of adjtimex sets or only reads stands in memory",
   "date -s, ntpd, chronyd, adjtimex --print"},
  {kSwap, {}, R::kEperm, W::kAlways, "",
   "the host's swap space",
   "swapon, swapoff"},
  {kQuotas, {}, R::kEperm, W::kAlways, "",
   "reads and sets disk quotas of host file systems",
   "quota, setquota"},
  {kAcct, {}, R::kEperm, W::kAlways, "",
   "makes the kernel write to a file at every exit",
   "accton"},
  {kSyslog, {}, R::kEperm, W::kAlways, "",
   "the kernel log: addresses for exploits, other users' events",
   "dmesg"},
  {kHostName, {}, R::kEperm, W::kAlways, "",
   "the host's name, where there is no namespace for it",
   "hostname NAME"},
  {kVhangup, {}, R::kEperm, W::kAlways, "",
   "hangs up the terminal under the user",
   "getty, login"},
  {kObsolete, {}, R::kEperm, W::kAlways, "",
   "leftovers that nothing calls: attack surface only",
   "nothing known"},

  // Root as caller: no set-id file may be left behind. The kernel gives what is created the host's uid 0.
  {kModeSecond, kSetIdMode1, R::kEperm, W::kRootCaller, "mode with S_ISUID or S_ISGID",
   "a set-id program of root in the workspace is a root shell for every user of the host",
   "chmod u+s and g+s (also on directories: git init --shared), unpacking set-id files, installing sudo or su"},
  {kModeThird, kSetIdMode2, R::kEperm, W::kRootCaller, "mode with S_ISUID or S_ISGID",
   "as chmod",
   "as chmod"},
  {kOpen, kSetIdOpen, R::kEperm, W::kRootCaller, "creating, mode with S_ISUID or S_ISGID",
   "as chmod",
   "as chmod"},
  {kOpenat, kSetIdOpenat, R::kEperm, W::kRootCaller, "creating, mode with S_ISUID or S_ISGID",
   "as chmod",
   "as chmod"},
  {kOpenat2, {}, R::kEnosys, W::kRootCaller, "",
   "its mode stands in memory, where a filter cannot look",
   "nothing known: callers fall back to openat, as on kernels before 5.6"},
  {kMknod, kDevice1, R::kEperm, W::kRootCaller, "character and block devices",
   "a device node in the workspace reaches the device with root's rights; the kernel refuses it too",
   "overlay whiteouts made by hand (fuse-overlayfs), debootstrap"},
  {kMknodat, kDevice2, R::kEperm, W::kRootCaller, "character and block devices",
   "as mknod",
   "as mknod"},
};
// clang-format on

// root_caller, allow_perf, host_namespaces, network_off. Without a pid namespace nobody gets perf.
constexpr SeccompOptions kVariants[] = {
    {false, false, false, false}, {false, true, false, false}, {true, false, false, false}, {true, true, false, false},
    {false, false, true, false},  {false, false, true, true},  {true, false, true, false},  {true, false, true, true}};

// include/uapi/asm-generic/unistd.h of Linux 6.18.
constexpr NewSyscall kNewSyscalls[] = {
    {"fchmodat2", 452},       // 6.6
    {"open_tree_attr", 467},  // 6.15
};

}  // namespace

absl::Span<const SeccompRule> SeccompRules() { return kRules; }

absl::Span<const NewSyscall> NewSyscalls() { return kNewSyscalls; }

bool RuleApplies(const SeccompRule& rule, const SeccompOptions& options) {
  switch (rule.when) {
    case SeccompWhen::kAlways:
      return true;
    case SeccompWhen::kRootCaller:
      return options.root_caller;
    case SeccompWhen::kNoPerf:
      return !options.allow_perf;
    case SeccompWhen::kHostNamespaces:
      return options.host_namespaces;
    case SeccompWhen::kNetworkOff:
      return options.host_namespaces && options.network_off;
  }
  return true;
}

absl::string_view ResultName(SeccompResult result) {
  switch (result) {
    case SeccompResult::kEperm:
      return "EPERM";
    case SeccompResult::kEbusy:
      return "EBUSY";
    case SeccompResult::kEnosys:
      return "ENOSYS";
    case SeccompResult::kEprotonosupport:
      return "EPROTONOSUPPORT";
    case SeccompResult::kEafnosupport:
      return "EAFNOSUPPORT";
  }
  return "";
}

absl::Span<const SeccompOptions> SeccompVariants() { return kVariants; }

absl::string_view VariantName(const SeccompOptions& options) {
  if (options.host_namespaces) {
    if (options.root_caller) return options.network_off ? "shared_root_offline" : "shared_root";
    return options.network_off ? "shared_user_offline" : "shared_user";
  }
  if (options.root_caller) return options.allow_perf ? "root_perf" : "root";
  return options.allow_perf ? "user_perf" : "user";
}

}  // namespace paddock
