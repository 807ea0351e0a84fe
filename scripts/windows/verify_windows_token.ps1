<#
.SYNOPSIS
Checks on this Windows what Paddock's backend windows_token promises, and writes the results to a file.

.DESCRIPTION
Needs no administrator; run it as the user who is to run sandboxes, from a terminal that is not elevated, on an NTFS volume.
Takes some minutes. Works in a new directory below -Place, removes it afterwards, and changes nothing else, but for what
`paddock run` itself does to that directory. Each denial has a control: the same action without the sandbox succeeds.

.PARAMETER Paddock
The tool: paddock.exe.

.PARAMETER Tests
The directory with launch_test.exe, windows_lease_kill_test.exe, windows_scan_test.exe, windows_volume_test.exe, launch_child.exe
and lease_child.exe; left out, they are not run.

.PARAMETER Out
The file of results (JSON, schema "paddock.verification/1").

.EXAMPLE
powershell -ExecutionPolicy Bypass -File verify_windows_token.ps1 -Paddock .\paddock.exe -Out results.json
#>
param(
    [Parameter(Mandatory = $true)] [string] $Paddock,
    [string] $Tests = '',
    [string] $Place = $env:USERPROFILE,
    [string] $Out = 'verify_windows_token.json'
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$tool = (Resolve-Path -LiteralPath $Paddock).ProviderPath
$top = Join-Path $Place ('paddock-verify-' + [Guid]::NewGuid().ToString('N').Substring(0, 8))
$workspace = Join-Path $top 'workspace'
$outside = Join-Path $top 'outside'
$results = New-Object System.Collections.ArrayList

# Runs a program; gives its exit status and what it printed.
function Invoke-Program([string] $Program, [string[]] $Arguments) {
    $ErrorActionPreference = 'Continue'
    Push-Location -LiteralPath $workspace
    try { $text = (& $Program @Arguments 2>&1 | Out-String) } finally { Pop-Location }
    return @{ status = $LASTEXITCODE; output = $text }
}
function Invoke-Inside([string[]] $Command, [string[]] $Options = @()) {
    return Invoke-Program $tool (@('run') + $Options + @('--') + $Command)
}

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

# A write that cmd.exe tries: inside refused, outside of the sandbox done.
function Test-Denied([string] $Name, [string] $File) {
    Test-That $Name {
        $before = if (Test-Path -LiteralPath $File) { Get-Content -Raw -LiteralPath $File } else { $null }
        $inside = Invoke-Inside @('cmd.exe', '/d', '/c', "echo changed> `"$File`"")
        $after = if (Test-Path -LiteralPath $File) { Get-Content -Raw -LiteralPath $File } else { $null }
        if ($inside.status -eq 125) { return "Paddock refused to run: $($inside.output)" }
        if ($before -ne $after) { return 'the command wrote it' }
        if ($inside.status -eq 0) { return 'the command was told that it had written it' }
        $control = Invoke-Program 'cmd.exe' @('/d', '/c', "echo changed> `"$File`"")
        if ($control.status -ne 0) { return "the control failed too: $($control.output)" }
    }
}

function Get-Pings { return @(Get-Process -Name 'ping' -ErrorAction SilentlyContinue | Where-Object { $_.StartTime -ge $started }) }

$started = Get-Date
New-Item -ItemType Directory -Path $workspace, $outside, (Join-Path $workspace '.git\hooks') | Out-Null
Set-Content -LiteralPath (Join-Path $workspace '.git\config') -Value '[core]'
Set-Content -LiteralPath (Join-Path $workspace '.git\HEAD') -Value 'ref: refs/heads/main'
Set-Content -LiteralPath (Join-Path $outside 'kept.txt') -Value 'kept'
$aclBefore = (& icacls.exe $workspace | Out-String)

try {
    Test-That 'a command runs, and its exit status comes back' {
        $ran = Invoke-Inside @('cmd.exe', '/d', '/c', 'exit 37')
        if ($ran.status -ne 37) { return "status $($ran.status): $($ran.output)" }
    }
    Test-That 'the workspace is writable, atomic replacement and deletion included' {
        $ran = Invoke-Inside @('cmd.exe', '/d', '/c', 'echo 1> a.txt&& echo 2> b.txt&& move /y b.txt a.txt&& del a.txt')
        if ($ran.status -ne 0) { return "status $($ran.status): $($ran.output)" }
        if (Test-Path -LiteralPath (Join-Path $workspace 'a.txt')) { return 'the file is still there' }
    }
    Test-Denied 'a file outside cannot be written' (Join-Path $outside 'kept.txt')
    Test-Denied 'a file outside cannot be made' (Join-Path $outside 'made.txt')
    Test-Denied '.git\config cannot be written' (Join-Path $workspace '.git\config')
    Test-Denied '.git\hooks cannot be filled' (Join-Path $workspace '.git\hooks\pre-commit')
    Test-That '.git itself can be written: what git does all day' {
        $ran = Invoke-Inside @('cmd.exe', '/d', '/c', 'echo x> .git\FETCH_HEAD&& del .git\FETCH_HEAD')
        if ($ran.status -ne 0) { return "status $($ran.status): $($ran.output)" }
    }
    Test-That 'the token has SeChangeNotifyPrivilege alone' {
        $ran = Invoke-Inside @('whoami.exe', '/priv', '/fo', 'csv', '/nh')
        $names = @([regex]::Matches($ran.output, 'Se[A-Za-z]+Privilege') | ForEach-Object { $_.Value } | Select-Object -Unique)
        if (($names -join ',') -ne 'SeChangeNotifyPrivilege') { return "privileges: $($names -join ', '); $($ran.output)" }
    }
    Test-That 'the token is at medium integrity at most' {
        $ran = Invoke-Inside @('whoami.exe', '/groups', '/fo', 'csv', '/nh')
        if ($ran.output -notmatch 'S-1-16-(4096|8192)') { return $ran.output }
    }
    Test-That 'nothing of the tree survives the command' {
        $ran = Invoke-Inside @('cmd.exe', '/d', '/c', 'start /b ping.exe -n 600 127.0.0.1 >nul & exit 0')
        if ($ran.status -ne 0) { return "status $($ran.status): $($ran.output)" }
        if ((Get-Pings).Count -ne 0) { return 'ping.exe is still there' }
    }
    Test-That 'nothing of the tree survives a killed Paddock' {
        $run = Start-Process -FilePath $tool -ArgumentList 'run', '--', 'ping.exe', '-n', '600', '127.0.0.1' -WorkingDirectory $workspace -PassThru -WindowStyle Hidden
        for ($i = 0; $i -lt 100 -and (Get-Pings).Count -eq 0 -and -not $run.HasExited; $i++) { Start-Sleep -Milliseconds 100 }
        $pings = Get-Pings
        if ($pings.Count -eq 0) { return 'the control failed: ping.exe was never there' }
        Stop-Process -Id $run.Id -Force
        foreach ($ping in $pings) { if (-not $ping.WaitForExit(30000)) { return 'ping.exe is still there' } }
    }
    Test-That 'the wall-clock limit ends the command with 124' {
        $ran = Invoke-Inside @('ping.exe', '-n', '600', '127.0.0.1') @('--wall', '2s')
        if ($ran.status -ne 124) { return "status $($ran.status): $($ran.output)" }
    }
    Test-That 'the clipboard of the user is out of reach' {
        Set-Clipboard -Value 'of the user'
        $ran = Invoke-Inside @('cmd.exe', '/d', '/c', 'echo of the command| clip.exe')
        if ((Get-Clipboard -Raw) -notmatch 'of the user') { return 'the command changed it' }
        cmd.exe /d /c 'echo of the control| clip.exe'
        if ((Get-Clipboard -Raw) -notmatch 'of the control') { return 'the control failed: clip.exe changes nothing' }
    }
    Test-That 'a command that is not there: 127; one that is no program: 126' {
        $missing = Invoke-Inside @('no-such-command')
        Set-Content -LiteralPath (Join-Path $workspace 'text.dat') -Value 'no program'
        $text = Invoke-Inside @('.\text.dat')
        if ($missing.status -ne 127 -or $text.status -ne 126) { return "$($missing.status) and $($text.status)" }
    }
    Test-That 'output is the command''s, to the byte, with and without a console' {
        $ran = Invoke-Inside @('cmd.exe', '/d', '/c', 'echo one& echo two>&2')
        if ($ran.output -notmatch 'one' -or $ran.output -notmatch 'two') { return $ran.output }
    }
    foreach ($one in @(@('git', '--version'), @('python', '-c', 'print(1)'), @('node', '-e', 'console.log(1)'), @('dotnet', '--info'))) {
        if ($null -eq (Get-Command $one[0] -ErrorAction SilentlyContinue)) {
            Add-Result "$($one[0]) starts" 'skipped' 'it is not installed'
            continue
        }
        Test-That "$($one[0]) starts" {
            $ran = Invoke-Inside $one
            if ($ran.status -ne 0) { return "status $($ran.status): $($ran.output)" }
        }
    }
    Test-That 'gc --scan removes what a file kept that was moved out' {
        $moved = Join-Path $workspace 'moved.txt'
        Set-Content -LiteralPath $moved -Value 'x'
        $ran = Invoke-Inside @('cmd.exe', '/d', '/c', 'ver')
        if ($ran.status -ne 0) { return "status $($ran.status): $($ran.output)" }
        Move-Item -LiteralPath $moved -Destination $outside
        $moved = Join-Path $outside 'moved.txt'
        if ((& icacls.exe $moved | Out-String) -notmatch 'S-1-5-21-1885430891-') { return 'the control: it kept no entry' }
        $null = Invoke-Program $tool @('gc')
        $ran = Invoke-Program $tool @('gc', '--scan', $outside)
        if ($ran.status -ne 0) { return "status $($ran.status): $($ran.output)" }
        $after = (& icacls.exe $moved | Out-String)
        if ($after -match 'S-1-5-21-1885430891-') { return $after }
    }
    Test-That 'gc takes back what was granted, and nothing else' {
        $ran = Invoke-Program $tool @('gc')
        if ($ran.status -ne 0) { return "status $($ran.status): $($ran.output)" }
        $after = (& icacls.exe $workspace | Out-String)
        if ($after -ne $aclBefore) { return "before: $aclBefore after: $after" }
    }
    foreach ($name in @('launch_test.exe', 'windows_lease_kill_test.exe', 'windows_scan_test.exe', 'windows_volume_test.exe')) {
        if ($Tests -eq '') {
            Add-Result $name 'skipped' '-Tests was not given'
            continue
        }
        Test-That $name {
            $ran = Invoke-Program (Join-Path (Resolve-Path -LiteralPath $Tests).ProviderPath $name) @()
            if ($ran.status -ne 0) { return $ran.output }
        }
    }
} finally {
    Get-Pings | Stop-Process -Force -ErrorAction SilentlyContinue
    Remove-Item -Recurse -Force -LiteralPath $top -ErrorAction SilentlyContinue
    $record = [ordered] @{
        schema = 'paddock.verification/1'
        backend = 'windows_token'
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
