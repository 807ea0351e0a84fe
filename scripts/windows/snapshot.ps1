<#
.SYNOPSIS
Saves the permissions of a directory tree for `paddock audit --snapshot`.

.DESCRIPTION
Walks the given directories and writes one line of JSON for each file and directory: its path, its attributes as far as
they matter, and its security descriptor (owner, group, DACL and mandatory label) in SDDL. The first line says whose
token was used: the SIDs of the user and of its groups, and the SID of the machine. `paddock audit --snapshot FILE` judges
the file on any system.

It reads and nothing else: no permission, attribute or time of what it walks is changed, no file in it is opened for
reading or writing, and no privilege is enabled. It writes the file -Out, which must not exist yet, and, as every use of
Add-Type does in Windows PowerShell, temporary files in %TEMP%.

Links, junctions and other reparse points are listed and not followed. What cannot be read is listed with the system's
message. Names that are not well-formed Unicode, which JSON cannot hold, are counted as skipped. Paths may be longer than
260 characters.

File names are part of the snapshot. Look through it before you give it to somebody else.

.PARAMETER Path
The directories to walk, absolute or relative to the current one.

.PARAMETER Out
The file to write. It must not exist.

.EXAMPLE
powershell -ExecutionPolicy Bypass -File snapshot.ps1 -Path C:\src\project -Out project.jsonl

.EXAMPLE
.\snapshot.ps1 -Path $HOME, C:\Tools -Out snapshot.jsonl

.NOTES
For Windows PowerShell 5.1 and PowerShell 7 on Windows 10 and later. Run it as the user whose runs are to be judged, not as
an administrator: the token counts. Where Constrained Language Mode forbids Add-Type, use `icacls NAME /save FILE /t` and
`paddock audit --icacls`, which knows less.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true, Position = 0)]
    [string[]] $Path,

    [Parameter(Mandatory = $true, Position = 1)]
    [string] $Out
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# C# 5, which is what Windows PowerShell 5.1 compiles.
$source = @'
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace Paddock
{
    public sealed class Snapshot : IDisposable
    {
        const uint OWNER = 0x1, GROUP = 0x2, DACL = 0x4, LABEL = 0x10;
        const uint ATTRIBUTE_READONLY = 0x1, ATTRIBUTE_DIRECTORY = 0x10, ATTRIBUTE_REPARSE = 0x400;
        const int TOKEN_QUERY = 0x8, TOKEN_USER = 1, TOKEN_GROUPS = 2, TOKEN_INTEGRITY = 25;
        const int ERROR_FILE_NOT_FOUND = 2, ERROR_NO_MORE_FILES = 18, ERROR_INSUFFICIENT_BUFFER = 122;
        const int SID_TYPE_DOMAIN = 3;

        // FILETIME is aligned to 32 bits.
        [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode, Pack = 4)]
        struct FindData
        {
            public uint Attributes;
            public long CreationTime, LastAccessTime, LastWriteTime;
            public uint SizeHigh, SizeLow, Reserved0, Reserved1;
            [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 260)] public string Name;
            [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 14)] public string ShortName;
        }

        [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
        static extern IntPtr FindFirstFileExW(string name, int level, out FindData data, int op, IntPtr filter, int flags);
        [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
        static extern bool FindNextFileW(IntPtr find, out FindData data);
        [DllImport("kernel32.dll")]
        static extern bool FindClose(IntPtr find);
        [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
        static extern uint GetFileAttributesW(string name);
        [DllImport("kernel32.dll")]
        static extern IntPtr GetCurrentProcess();
        [DllImport("kernel32.dll")]
        static extern bool CloseHandle(IntPtr handle);
        [DllImport("kernel32.dll")]
        static extern IntPtr LocalFree(IntPtr memory);
        [DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
        static extern bool GetFileSecurityW(string name, uint parts, byte[] descriptor, uint size, out uint needed);
        [DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
        static extern bool ConvertSecurityDescriptorToStringSecurityDescriptorW(byte[] descriptor, uint revision,
            uint parts, out IntPtr text, IntPtr length);
        [DllImport("advapi32.dll", SetLastError = true)]
        static extern bool OpenProcessToken(IntPtr process, int access, out IntPtr token);
        [DllImport("advapi32.dll", SetLastError = true)]
        static extern bool GetTokenInformation(IntPtr token, int what, IntPtr data, int size, out int needed);
        [DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
        static extern bool ConvertSidToStringSidW(IntPtr sid, out IntPtr text);
        [DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
        static extern bool LookupAccountNameW(string system, string account, byte[] sid, ref uint size,
            StringBuilder domain, ref uint length, out int use);

        readonly StreamWriter output;
        readonly Dictionary<string, int> numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        byte[] buffer = new byte[4096];
        public long Entries, Unreadable, Skipped;

        public Snapshot(string file)
        {
            // A new file alone: nothing is ever overwritten.
            FileStream stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            output = new StreamWriter(stream, new UTF8Encoding(false, true));
            output.NewLine = "\n";
        }

        public void Dispose() { output.Dispose(); }

        static string Message(int error)
        {
            return new Win32Exception(error).Message.TrimEnd('.', ' ', '\r', '\n') + " (" + error + ")";
        }

        // null: it cannot be said in Unicode.
        static string Quote(string text)
        {
            StringBuilder quoted = new StringBuilder("\"");
            for (int i = 0; i < text.Length; i++)
            {
                char c = text[i];
                if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                {
                    quoted.Append(c).Append(text[++i]);
                }
                else if (char.IsSurrogate(c)) return null;
                else if (c == '"' || c == '\\') quoted.Append('\\').Append(c);
                else if (c < ' ') quoted.AppendFormat("\\u{0:x4}", (int)c);
                else quoted.Append(c);
            }
            return quoted.Append('"').ToString();
        }

        static string Verbatim(string path)
        {
            return path.StartsWith("\\\\") ? "\\\\?\\UNC" + path.Substring(1) : "\\\\?\\" + path;
        }

        static string Below(string directory, string name)
        {
            return directory.EndsWith("\\") ? directory + name : directory + "\\" + name;
        }

        static string SidText(IntPtr sid)
        {
            IntPtr text;
            if (!ConvertSidToStringSidW(sid, out text)) throw new Win32Exception();
            string result = Marshal.PtrToStringUni(text);
            LocalFree(text);
            return result;
        }

        static IntPtr TokenData(IntPtr token, int what)
        {
            int needed;
            GetTokenInformation(token, what, IntPtr.Zero, 0, out needed);
            IntPtr data = Marshal.AllocHGlobal(needed);
            if (!GetTokenInformation(token, what, data, needed, out needed)) throw new Win32Exception();
            return data;
        }

        // The SID of the machine is that of the domain that an account of the machine's name stands for; null: unknown.
        static string MachineSid()
        {
            byte[] sid = new byte[68];
            uint size = (uint)sid.Length, length = 256;
            StringBuilder domain = new StringBuilder((int)length);
            int use;
            string name = Environment.MachineName;
            if (!LookupAccountNameW(null, name, sid, ref size, domain, ref length, out use) || use != SID_TYPE_DOMAIN) return null;
            GCHandle pinned = GCHandle.Alloc(sid, GCHandleType.Pinned);
            string text = SidText(pinned.AddrOfPinnedObject());
            pinned.Free();
            return text;
        }

        public void Begin(string[] roots, string taken)
        {
            IntPtr token;
            if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, out token)) throw new Win32Exception();
            string user = SidText(Marshal.ReadIntPtr(TokenData(token, TOKEN_USER)));
            string label = SidText(Marshal.ReadIntPtr(TokenData(token, TOKEN_INTEGRITY)));
            IntPtr groups = TokenData(token, TOKEN_GROUPS);
            CloseHandle(token);
            StringBuilder line = new StringBuilder("{\"schema\":\"paddock.snapshot/1\",\"taken\":" + Quote(taken));
            line.Append(",\"by\":\"snapshot.ps1\",\"roots\":[");
            for (int i = 0; i < roots.Length; i++) line.Append(i > 0 ? "," : "").Append(Quote(roots[i]));
            line.Append("],\"user\":\"" + user + "\",\"groups\":[");
            int count = Marshal.ReadInt32(groups);
            for (int i = 0; i < count; i++)
            {
                // SID_AND_ATTRIBUTES: a pointer and 32 bits, padded to pointers.
                IntPtr group = new IntPtr(groups.ToInt64() + IntPtr.Size + (long)i * 2 * IntPtr.Size);
                uint attributes = (uint)Marshal.ReadInt32(group, IntPtr.Size);
                line.Append(i > 0 ? "," : "");
                line.Append("{\"sid\":\"" + SidText(Marshal.ReadIntPtr(group)) + "\",\"attributes\":" + attributes + "}");
            }
            string machine = MachineSid();
            line.Append("],\"integrity\":" + label.Substring(label.LastIndexOf('-') + 1));
            line.Append(",\"machine\":" + (machine == null ? "null" : "\"" + machine + "\""));
            // An account of a domain has the domain's SID and a number; one of the machine has the machine's.
            string domain = user.StartsWith("S-1-5-21-") ? user.Substring(0, user.LastIndexOf('-')) : null;
            line.Append(",\"domain\":" + (domain == null || domain == machine ? "null" : "\"" + domain + "\""));
            output.WriteLine(line.Append(",\"labels\":true}").ToString());
        }

        // null: it could not be read, and `error` says why.
        string Sddl(string path, out int error)
        {
            const uint parts = OWNER | GROUP | DACL | LABEL;
            error = 0;
            uint needed;
            while (!GetFileSecurityW(Verbatim(path), parts, buffer, (uint)buffer.Length, out needed))
            {
                error = Marshal.GetLastWin32Error();
                if (error != ERROR_INSUFFICIENT_BUFFER || needed <= buffer.Length) return null;
                buffer = new byte[needed];
            }
            error = 0;
            IntPtr text;
            if (!ConvertSecurityDescriptorToStringSecurityDescriptorW(buffer, 1, parts, out text, IntPtr.Zero))
            {
                error = Marshal.GetLastWin32Error();
                return null;
            }
            string sddl = Marshal.PtrToStringUni(text);
            LocalFree(text);
            return sddl;
        }

        void Skip(string directory, string why)
        {
            Skipped++;
            output.WriteLine("{\"skipped\":" + (Quote(directory) ?? "\"\"") + ",\"error\":" + Quote(why) + "}");
        }

        // Whether it is listed, and may be gone into.
        bool Entry(string directory, string path, uint attributes)
        {
            string quoted = Quote(path);
            if (quoted == null)
            {
                Skip(directory, "a name that is not Unicode, and what is below it");
                return false;
            }
            StringBuilder line = new StringBuilder("{\"path\":" + quoted);
            if ((attributes & ATTRIBUTE_DIRECTORY) != 0) line.Append(",\"directory\":true");
            if ((attributes & ATTRIBUTE_REPARSE) != 0) line.Append(",\"reparse\":true");
            if ((attributes & ATTRIBUTE_READONLY) != 0) line.Append(",\"read_only\":true");
            int error;
            string sddl = Sddl(path, out error);
            int number;
            if (sddl == null)
            {
                Unreadable++;
                line.Append(",\"error\":" + Quote(Message(error)));
            }
            else if (numbers.TryGetValue(sddl, out number)) line.Append(",\"sddl\":" + number);
            else
            {
                numbers.Add(sddl, numbers.Count);
                line.Append(",\"sddl\":" + Quote(sddl));
            }
            output.WriteLine(line.Append('}').ToString());
            Entries++;
            return true;
        }

        // Iterative: a tree may be deeper than a stack.
        public void Walk(string root)
        {
            uint attributes = GetFileAttributesW(Verbatim(root));
            if (attributes == 0xffffffff) throw new Win32Exception();
            // The root itself is gone into even if it is a link: somebody named it.
            if (!Entry(root, root, attributes) || (attributes & ATTRIBUTE_DIRECTORY) == 0) return;
            Stack<string> directories = new Stack<string>();
            directories.Push(root);
            while (directories.Count > 0)
            {
                string directory = directories.Pop();
                FindData data;
                // FindExInfoBasic, FIND_FIRST_EX_LARGE_FETCH.
                IntPtr find = FindFirstFileExW(Verbatim(Below(directory, "*")), 1, out data, 0, IntPtr.Zero, 2);
                if (find == new IntPtr(-1))
                {
                    int error = Marshal.GetLastWin32Error();
                    if (error != ERROR_FILE_NOT_FOUND) Skip(directory, Message(error));
                    continue;
                }
                do
                {
                    if (data.Name == "." || data.Name == "..") continue;
                    string path = Below(directory, data.Name);
                    bool deeper = (data.Attributes & ATTRIBUTE_DIRECTORY) != 0 && (data.Attributes & ATTRIBUTE_REPARSE) == 0;
                    if (Entry(directory, path, data.Attributes) && deeper) directories.Push(path);
                } while (FindNextFileW(find, out data));
                int last = Marshal.GetLastWin32Error();
                FindClose(find);
                if (last != ERROR_NO_MORE_FILES) Skip(directory, Message(last));
            }
        }

        public void End() { output.WriteLine("{\"end\":true,\"entries\":" + Entries + "}"); }
    }
}
'@

Add-Type -TypeDefinition $source -Language CSharp

[string[]] $roots = @(foreach ($one in $Path) {
    $full = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($one)
    if ($full -match '^\\\\[?.]\\') { throw "${one}: leave out what begins with two backslashes and ? or ." }
    if ($full.Length -gt 3) { $full.TrimEnd('\') } else { $full }
})
foreach ($one in $roots) {
    foreach ($other in $roots) {
        if ($one -ne $other -and $one.StartsWith($other.TrimEnd('\') + '\', [StringComparison]::OrdinalIgnoreCase)) {
            throw "$one lies below ${other}: name the upper one alone"
        }
    }
}
$file = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Out)

$snapshot = New-Object Paddock.Snapshot -ArgumentList $file
try {
    $snapshot.Begin($roots, [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture))
    foreach ($root in $roots) {
        Write-Verbose "walking $root"
        $snapshot.Walk($root)
    }
    $snapshot.End()
} finally {
    $snapshot.Dispose()
}
Write-Output ('{0}: {1} entries, {2} unreadable, {3} skipped' -f $file, $snapshot.Entries, $snapshot.Unreadable, $snapshot.Skipped)
