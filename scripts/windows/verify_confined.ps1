<#
.SYNOPSIS
Checks on this Windows what Paddock's backends appcontainer and low_integrity promise, and what `paddock setup` has made, and
writes the results to a file.

.DESCRIPTION
Needs no administrator; run it as the user who is to run sandboxes, from a terminal that is not elevated, on an NTFS volume.
Takes some minutes. Works in a new directory below -Place, removes it afterwards, and changes nothing else, but for what
`paddock run` itself does. Each denial has a control: the same action without the sandbox succeeds. The part about set-up runs
where `paddock setup --status` says that it is usable; this script sets nothing up.

.PARAMETER Paddock
The tool: paddock.exe.

.PARAMETER Out
The file of results (JSON, schema "paddock.verification/1").

.EXAMPLE
powershell -ExecutionPolicy Bypass -File verify_confined.ps1 -Paddock .\paddock.exe -Out results.json
#>
param(
    [Parameter(Mandatory = $true)] [string] $Paddock,
    [string] $Place = $env:USERPROFILE,
    [string] $Out = 'verify_confined.json'
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$tool = (Resolve-Path -LiteralPath $Paddock).ProviderPath
$top = Join-Path $Place ('paddock-verify-' + [Guid]::NewGuid().ToString('N').Substring(0, 8))
$workspace = Join-Path $top 'workspace'
$outside = Join-Path $top 'outside'
$mappings = 'HKCU:\Software\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion\AppContainer\Mappings'
$results = New-Object System.Collections.ArrayList

# Runs a program; gives its exit status and what it printed.
function Invoke-Program([string] $Program, [string[]] $Arguments) {
    $ErrorActionPreference = 'Continue'
    Push-Location -LiteralPath $workspace
    try { $text = (& $Program @Arguments 2>&1 | Out-String) } finally { Pop-Location }
    return @{ status = $LASTEXITCODE; output = $text }
}
$kinds = @{
    package = @('run', '--policy', (Join-Path $top 'package.toml'))
    low = @('run', '--profile', 'low-integrity')
    dedicated = @('run', '--backend', 'windows_token')
}
function Invoke-Inside([string] $Kind, [string[]] $Command) { return Invoke-Program $tool ($kinds[$Kind] + @('--') + $Command) }

function Add-Result([string] $Name, [string] $Result, [string] $Detail) {
    [void] $results.Add([ordered] @{ name = $Name; result = $Result; detail = $Detail })
    Write-Output ('{0,-8} {1}{2}' -f $Result, $Name, $(if ($Result -eq 'passed') { '' } else { ": $Detail" }))
}

# A check is a block that gives $null if all is well, else what is wrong.
function Test-That([string] $Name, [scriptblock] $Check) {
    try {
        $wrong = & $Check
        if ($null -eq $wrong) { Add-Result $Name 'passed' '' } else { Add-Result $Name 'failed' ([string] $wrong) }
    } catch {
        Add-Result $Name 'failed' $_.Exception.Message
    }
}

# A line for cmd.exe: inside refused, and without the sandbox done.
function Test-Refused([string] $Kind, [string] $Name, [string] $Line) {
    Test-That "${Kind}: $Name" {
        $inside = Invoke-Inside $Kind @('cmd.exe', '/d', '/c', $Line)
        if ($inside.status -eq 125) { return "Paddock refused to run: $($inside.output)" }
        if ($inside.status -eq 0) { return "it was done: $($inside.output)" }
        $control = Invoke-Program 'cmd.exe' @('/d', '/c', $Line)
        if ($control.status -ne 0) { return "the control failed too: $($control.output)" }
    }
}
function Test-Done([string] $Kind, [string] $Name, [string] $Line, [string] $Expected) {
    Test-That "${Kind}: $Name" {
        $inside = Invoke-Inside $Kind @('cmd.exe', '/d', '/c', $Line)
        if ($inside.status -ne 0 -or $inside.output -notmatch $Expected) { return "status $($inside.status): $($inside.output)" }
    }
}

# Whether a command may open a process of the user's with one right, by number.
function Get-Opener([int] $Process, [int] $Right) {
    $call = '[DllImport("kernel32.dll")] public static extern System.IntPtr OpenProcess(uint a, bool b, int c);'
    return "`$t = Add-Type -PassThru -Namespace N -Name T -MemberDefinition '$call'; if (`$t::OpenProcess($Right, `$false, $Process) -eq 0) { exit 5 }"
}
function Test-ProcessRight([string] $Kind, [string] $Name, [int] $Right, [bool] $Granted) {
    Test-That "${Kind}: $Name" {
        $file = Join-Path $workspace 'open.ps1'
        Set-Content -LiteralPath $file -Value (Get-Opener $victim.Id $Right)
        $command = @('powershell.exe', '-NoProfile', '-ExecutionPolicy', 'Bypass', '-File', 'open.ps1')
        $control = Invoke-Program $command[0] $command[1..5]
        if ($control.status -ne 0) { return "the control failed too: $($control.output)" }
        $inside = Invoke-Inside $Kind $command
        if ($inside.status -ne $(if ($Granted) { 0 } else { 5 })) { return "status $($inside.status): $($inside.output)" }
    }
}

New-Item -ItemType Directory -Path $workspace, $outside, (Join-Path $workspace '.git\hooks'), (Join-Path $workspace 'sub\.git\hooks') | Out-Null
foreach ($git in @('.git', 'sub\.git')) {
    Set-Content -LiteralPath (Join-Path $workspace "$git\config") -Value '[core]'
    Set-Content -LiteralPath (Join-Path $workspace "$git\HEAD") -Value 'ref: refs/heads/main'
    New-Item -ItemType Directory -Path (Join-Path $workspace "$git\objects"), (Join-Path $workspace "$git\refs") | Out-Null
}
Set-Content -LiteralPath (Join-Path $workspace '.env') -Value 'SECRET=1'
Set-Content -LiteralPath (Join-Path $outside 'kept.txt') -Value 'kept'
Set-Content -LiteralPath (Join-Path $top 'package.toml') -Encoding ASCII -Value @'
extends = "packaged-app"
capabilities = ["documentsLibrary"]
[filesystem]
write = ["."]
'@
$kept = Join-Path $outside 'kept.txt'
$aclBefore = (& icacls.exe $workspace /t | Out-String)
$profilesBefore = @(Get-ChildItem -LiteralPath $mappings -ErrorAction SilentlyContinue).Count
$victim = Start-Process -FilePath 'ping.exe' -ArgumentList '-n', '3600', '127.0.0.1' -PassThru -WindowStyle Hidden

try {
    Test-Done package 'a console program comes up, and the workspace is written' 'echo 1> a.txt&& type a.txt' '1'
    Test-Done package 'the null device and a pipe work' 'ver > NUL & ver | more' 'Windows'
    Test-Done package 'the token is of a package' 'whoami /groups' 'S-1-15-2-'
    Test-Refused package 'a file outside is not written' "echo changed> `"$kept`""
    Test-Refused package 'a file outside is not read' "type `"$kept`""
    Test-Refused package '.git\config is not written' 'echo changed>> .git\config'
    Test-Refused package 'hooks of a nested repository are not filled' 'echo x> sub\.git\hooks\pre-commit'
    Test-Refused package 'a secret is not read' 'type .env'
    Test-Refused package 'nothing is connected to' 'curl.exe -s -m 20 -o NUL https://example.com'
    foreach ($right in @(@('read', 0x10), @('written', 0x20), @('ended', 0x1))) {
        Test-ProcessRight package "a process of the user's is not $($right[0])" $right[1] $false
    }
    Test-That 'package: its profile is gone, and the lists of access are as before' {
        Remove-Item -Force -ErrorAction SilentlyContinue (Join-Path $workspace 'a.txt'), (Join-Path $workspace 'open.ps1'), (Join-Path $workspace 'sub\.git\hooks\pre-commit')
        $profiles = @(Get-ChildItem -LiteralPath $mappings -ErrorAction SilentlyContinue).Count
        if ($profiles -ne $profilesBefore) { return "$profiles profiles, and $profilesBefore before" }
        $after = (& icacls.exe $workspace /t | Out-String)
        if ($after -ne $aclBefore) { return "before: $aclBefore after: $after" }
    }

    Test-Done low 'the token is low' 'whoami /groups' 'S-1-16-4096'
    Test-Done low 'the copy is written' 'echo 1> a.txt&& type a.txt' '1'
    Test-That 'low: the tree itself is not written' {
        if (Test-Path -LiteralPath (Join-Path $workspace 'a.txt')) { return 'the file is in the workspace' }
    }
    Test-Refused low 'a file outside is not written by its path' "echo changed> `"$kept`""
    Test-Done low 'what the user reads is read (reads_open)' "type `"$kept`"" 'changed|kept'
    foreach ($right in @(@('read', 0x10), @('written', 0x20), @('given a thread', 0x2))) {
        Test-ProcessRight low "a process of the user's is not $($right[0])" $right[1] $false
    }
    # What Paddock says of it, and has only from the documentation: fails where Windows is stricter.
    Test-ProcessRight low "a process of the user's can be ended (same_user_process_end)" 0x1 $true
    Test-That 'low: the kept copy has no low label' {
        $ran = Invoke-Inside low @('cmd.exe', '/d', '/c', 'echo 2> b.txt')
        if ($ran.output -notmatch 'kept in (.+?): look') { return "no notice: $($ran.output)" }
        $copy = $Matches[1]
        $label = (& icacls.exe $copy | Out-String)
        if ($label -match 'Low Mandatory Level') { return $label }
        Remove-Item -Recurse -Force -LiteralPath $copy
    }

    $status = Invoke-Program $tool @('setup', '--status')
    if ($status.status -ne 0) {
        Add-Result 'dedicated users' 'skipped' "paddock setup --status: $($status.output)"
    } else {
        Test-Done dedicated 'the command is PaddockOffline' 'whoami' 'paddockoffline'
        Test-Refused dedicated 'a file outside is not read' "type `"$kept`""
        Test-Refused dedicated 'a file outside is not written' "echo changed> `"$kept`""
        Test-Refused dedicated 'a file outside is not deleted' "del `"$kept`" && if exist `"$kept`" exit 1"
        Set-Content -LiteralPath $kept -Value 'kept'
        Test-Refused dedicated 'a secret in the workspace is not read' 'type .env'
        Test-Refused dedicated 'nothing is connected to' 'curl.exe -s -m 20 -o NUL https://example.com'
        Test-ProcessRight dedicated "a process of the user's is not ended" 0x1 $false
        Test-That 'dedicated: explain says masked where a secret is closed, and names the entry where it is not' {
            $secret = Join-Path $outside 'secret.txt'
            Set-Content -LiteralPath $secret -Value 'secret'
            $closed = Invoke-Program $tool @('explain', '--hide', $secret, '--require', 'read=masked')
            if ($closed.status -ne 0) { return "closed: $($closed.output)" }
            $null = & icacls.exe $secret /grant '*S-1-5-32-545:(R)'
            $open = Invoke-Program $tool @('explain', '--hide', $secret, '--require', 'read=masked')
            if ($open.output -notmatch 'read_denials_open') { return "open: $($open.output)" }
        }
        $null = Invoke-Program $tool @('gc')
    }
} finally {
    Stop-Process -Id $victim.Id -Force -ErrorAction SilentlyContinue
    Remove-Item -Recurse -Force -LiteralPath $top -ErrorAction SilentlyContinue
    $record = [ordered] @{
        schema = 'paddock.verification/1'
        backend = 'appcontainer, low_integrity, dedicated users'
        paddock = (& $tool --version | Out-String).Trim()
        windows = [Environment]::OSVersion.Version.ToString()
        elevated = ([Security.Principal.WindowsPrincipal] [Security.Principal.WindowsIdentity]::GetCurrent()).IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
        taken = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
        results = $results
    }
    ConvertTo-Json -InputObject $record -Depth 5 | Set-Content -LiteralPath $Out -Encoding UTF8
    Write-Output "results: $Out"
}
if (@($results | Where-Object { $_.result -eq 'failed' }).Count -gt 0) { exit 1 }
