package regconf

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const sshdProgram = "/usr/sbin/sshd"

// sshd is a server of its own: configuration, host key, port, and a root with a system. It ends with the test.
type sshd struct {
	address string
	port    int
	// folder has id and id.pub, which may log in, and known_hosts, which has the server's key.
	folder string
	// root is a folder with a system, which anybody may change.
	root string
}

var nextAddress atomic.Uint32

// startSSHD starts a server with further lines in its configuration.
func startSSHD(t *testing.T, lines ...string) *sshd {
	t.Helper()
	if os.Geteuid() == 0 {
		// Where sshd confines its unprivileged half. The package's service makes it at boot.
		check(t, os.MkdirAll("/run/sshd", 0o755))
	}
	s := &sshd{folder: t.TempDir(), root: newRoot(t)}
	// An address of its own for each server, so that ports are not fought for.
	s.address = fmt.Sprintf("127.1.%d.%d", os.Getpid()%250+1, nextAddress.Add(1))
	s.port = freePort(t, s.address)
	for _, name := range []string{"host", "id"} {
		check(t, exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", s.path(name)).Run())
	}
	check(t, os.WriteFile(s.path("known_hosts"), fmt.Appendf(nil, "[%s]:%d %s", s.address, s.port, s.read(t, "host.pub")), 0o644))
	lines = append(lines,
		"HostKey "+s.path("host"), "AuthorizedKeysFile "+s.path("id.pub"),
		"ListenAddress "+s.address, fmt.Sprint("Port ", s.port),
		"PidFile none", "StrictModes no", "UsePAM no", "PermitRootLogin yes", "PasswordAuthentication no",
		// At this level bash does not read the .bashrc of whoever runs the tests.
		"SetEnv SHLVL=2", "MaxStartups 1000", "")
	check(t, os.WriteFile(s.path("config"), []byte(strings.Join(lines, "\n")), 0o644))
	s.launch(t)
	return s
}

func (s *sshd) launch(t *testing.T) {
	log := must(os.Create(s.path("log")))(t)
	server := exec.Command(sshdProgram, "-D", "-e", "-f", s.path("config"))
	server.Stderr = log
	check(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		_ = log.Close()
	})
	for end := time.Now().Add(20 * time.Second); !strings.Contains(s.read(t, "log"), "Server listening"); {
		if time.Now().After(end) {
			t.Fatalf("sshd does not start: %s", s.read(t, "log"))
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (s *sshd) path(name string) string {
	return filepath.Join(s.folder, name)
}

func (s *sshd) read(t *testing.T, name string) string {
	return string(must(os.ReadFile(s.path(name)))(t))
}

// entry is the server's entry in a node list: reached by id, with known_hosts, strictly.
func (s *sshd) entry(t *testing.T, name string) map[string]any {
	return map[string]any{
		"name": name, "address": s.address, "port": s.port, "user": must(user.Current())(t).Username, "root": s.root,
		"identity_files": []string{s.path("id")}, "known_hosts": []string{s.path("known_hosts")},
	}
}

// nodeList makes nodes of entries.
func nodeList(t *testing.T, entries ...map[string]any) *Nodes {
	t.Helper()
	nodes := must(ParseNodes(must(json.Marshal(map[string]any{"nodes": entries}))(t)))(t)
	t.Cleanup(nodes.Close)
	return nodes
}

// servers are so many, and the nodes that they are.
func servers(t *testing.T, count int) ([]*sshd, *Nodes) {
	var all []*sshd
	var entries []map[string]any
	for i := range count {
		all = append(all, startSSHD(t))
		entries = append(entries, all[i].entry(t, fmt.Sprint("n", i)))
	}
	return all, nodeList(t, entries...)
}

const config = "# ours\nversion = 2\n"

// newRoot is a folder with a system that has containerd, which anybody may change.
func newRoot(t testing.TB) string {
	root := t.TempDir()
	check(t, os.MkdirAll(filepath.Join(root, "etc/containerd"), 0o755))
	check(t, os.WriteFile(filepath.Join(root, "etc/containerd/config.toml"), []byte(config), 0o644))
	check(t, exec.Command("chmod", "-R", "a+rwX", root).Run())
	return root
}

func isMerged(t *testing.T, root string) bool {
	text := string(must(os.ReadFile(filepath.Join(root, "etc/containerd/config.toml")))(t))
	_, err := os.Stat(filepath.Join(root, "etc/containerd/certs.d/my-registry.com/hosts.toml"))
	return strings.HasPrefix(text, config) && strings.Contains(text, "config_path") && err == nil
}

func freePort(t *testing.T, address string) int {
	listener := must(net.Listen("tcp", net.JoinHostPort(address, "0")))(t)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// silent is the entry of a node that takes connections and never says a word.
func silent(t *testing.T) map[string]any {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	t.Cleanup(func() { listener.Close() })
	port := listener.Addr().(*net.TCPAddr).Port
	return map[string]any{"name": "silent", "address": "127.0.0.1", "port": port, "password": "secret"}
}

func wanted(t testing.TB) *Settings {
	settings := NewSettings()
	t.Cleanup(settings.Close)
	check(t, settings.Ensure(Registry{Host: "my-registry.com", Endpoints: []Endpoint{{URL: "http://192.168.30.56:5000"}}}))
	return settings
}
