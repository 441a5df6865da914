package regconf

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func isKind(err error, kind Kind) bool {
	var known *Error
	return errors.Is(err, kind) && errors.As(err, &known) && known.Kind == kind && err.Error() != ""
}

func TestKindsOfCalls(t *testing.T) {
	broken := NewFacts()
	defer broken.Close()
	check(t, broken.AddFile("/etc/docker/daemon.json", []byte("{")))
	twice := wanted(t)
	for kind, f := range map[Kind]func() error{
		ErrInvalidArgument: func() error { _, err := ParseHost(""); return err },
		ErrParse:           func() error { _, err := MakePlan(wanted(t), broken); return err },
		ErrConflict:        func() error { return twice.Ensure(Registry{Host: "my-registry.com", Insecure: InsecureHTTP}) },
		ErrUnsupported:     func() error { _, err := Advise("all is well"); return err },
		ErrIO:              func() error { _, err := LoadNodes("/nowhere/at/all"); return err },
	} {
		if err := f(); !isKind(err, kind) {
			t.Errorf("%v is not of the kind %s", err, kind)
		}
	}
}

// Activation and verification need a running engine, and an internal error a faulty library.
func TestKindsOfNodes(t *testing.T) {
	server := startSSHD(t)
	with := func(server *sshd, key string, value any) map[string]any {
		entry := server.entry(t, key)
		entry[key] = value
		return entry
	}
	empty := filepath.Join(t.TempDir(), "empty")
	check(t, os.WriteFile(empty, nil, 0o644))
	mute := with(startSSHD(t, "ForceCommand sleep 60"), "connect_attempts", 1)
	noRoot := with(startSSHD(t, "ForceCommand echo doas: not found >&2; exit 127"), "become", "doas")
	for kind, entry := range map[Kind]map[string]any{
		ErrConnect:        with(server, "port", freePort(t, server.address)),
		ErrHostKey:        with(server, "known_hosts", []string{empty}),
		ErrAuthentication: with(server, "identity_files", []string{server.path("host")}),
		ErrPrivilege:      noRoot,
		ErrCommand:        startSSHD(t, "ForceCommand exit 3").entry(t, "command"),
		ErrTimeout:        mute,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			options := Options{Deadline: 2 * time.Second}
			if kind != ErrTimeout {
				options.Deadline = 0
			}
			report := must(Push(context.Background(), nodeList(t, entry), wanted(t), options))(t)
			if err := report.Nodes[0].Err; !isKind(err, kind) || !isKind(report.Check(), kind) || report.Failed() != 1 {
				t.Errorf("%v is not of the kind %s; the report: %v", err, kind, report.Check())
			}
		})
	}
}

func TestAFileThatHasChangedIsStale(t *testing.T) {
	root, nodes := local(t)
	rollout := must(Survey(context.Background(), nodes, wanted(t), Options{}))(t)
	defer rollout.Close()
	check(t, os.WriteFile(filepath.Join(root, "etc/containerd/config.toml"), []byte("version = 2\n"), 0o644))
	report := must(rollout.Apply(context.Background(), Options{}))(t)
	if err := report.Nodes[0].Err; !isKind(err, ErrStale) {
		t.Errorf("%s: %v", report.Nodes[0].Outcome, err)
	}
}

func TestAnErrorHasAllItsParts(t *testing.T) {
	_, err := ParseSettings([]byte("{\n\"ensure\": [{\"host\": \"http://a.b\", \"insecure\": \"http\"}]}"))
	var known *Error
	if !errors.As(err, &known) || known.Key != "ensure[0].host" || known.Hint == "" || known.Message == "" {
		t.Fatalf("%+v", known)
	}
	if text := known.Key + ": " + known.Message + "; " + known.Hint; err.Error() != text {
		t.Errorf("%q is not %q", err, text)
	}
	_, err = ParseSettings([]byte("{\n\n\"ensure\": [}"))
	if !errors.As(err, &known) || known.Line != 3 || !strings.HasPrefix(err.Error(), "settings: line 3: "+known.Message) {
		t.Errorf("%v", err)
	}
	if !slices.Equal(known.Context, []string{"settings"}) {
		t.Errorf("the context is %q", known.Context)
	}
}

// The constants are those of the library, whose names are in the schema.
func TestConstantsAreThoseOfTheSchema(t *testing.T) {
	var schema struct {
		Defs struct {
			Outcome struct{ Enum []Outcome }
			Error   struct {
				Properties struct{ Kind struct{ Enum []Kind } }
			}
		} `json:"$defs"`
	}
	check(t, json.Unmarshal(must(os.ReadFile("../../schema/report.schema.json"))(t), &schema))
	kinds := []Kind{
		ErrInvalidArgument, ErrParse, ErrConflict, ErrUnsupported, ErrConnect, ErrHostKey, ErrAuthentication, ErrPrivilege,
		ErrCommand, ErrStale, ErrActivation, ErrVerification, ErrTimeout, ErrCancelled, ErrIO, ErrInternal,
	}
	if known := schema.Defs.Error.Properties.Kind.Enum; !reflect.DeepEqual(kinds, known) {
		t.Errorf("kinds: %q, and in the schema %q", kinds, known)
	}
	outcomes := []Outcome{
		OutcomeUnchanged, OutcomeChanged, OutcomePending, OutcomeUnverified, OutcomeFailed, OutcomeUnreachable,
		OutcomeRolledBack, OutcomeUnknown, OutcomeNotTried,
	}
	if known := schema.Defs.Outcome.Enum; !reflect.DeepEqual(outcomes, known) {
		t.Errorf("outcomes: %q, and in the schema %q", outcomes, known)
	}
}
