package regconf

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const imports = "../../tests/import"

// TestImports checks the cases of imports, whose README tells their format.
func TestImports(t *testing.T) {
	cases, err := filepath.Glob(imports + "/*/*/expected.json")
	if err != nil || len(cases) < 10 {
		t.Fatalf("there are %d cases: %v", len(cases), err)
	}
	for _, expected := range cases {
		folder := filepath.Dir(expected)
		name, _ := filepath.Rel(imports, folder)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkImport(t, folder, must(os.ReadFile(expected))(t))
		})
	}
}

func checkImport(t *testing.T, folder string, expected []byte) {
	inventory := must(filepath.Glob(filepath.Join(folder, "inventory*")))(t)
	imported, err := LoadInventory(inventory[0], importOptions(t, folder))
	var wanted, found map[string]any
	check(t, json.Unmarshal(expected, &wanted))
	if message, fails := wanted["error"]; fails || err != nil {
		if said := strings.ReplaceAll(fmt.Sprint(err), folder+"/", ""); said != message {
			t.Errorf("%q, wanted is %q", said, message)
		}
		return
	}
	defer imported.Close()
	text := strings.ReplaceAll(string(must(imported.MarshalJSON())(t)), folder+"/", "")
	check(t, json.Unmarshal([]byte(text), &found))
	if !reflect.DeepEqual(found, wanted) || imported.Format() != filepath.Base(filepath.Dir(folder)) {
		t.Errorf("%s: %s", imported.Format(), text)
	}
	checkParts(t, imported, wanted)
}

// checkParts tells whether what is taken out of an import is what stands in its JSON.
func checkParts(t *testing.T, imported *Imported, wanted map[string]any) {
	nodes := must(imported.Nodes())(t)
	defer nodes.Close()
	settings := must(imported.Settings())(t)
	defer settings.Close()
	list := wanted["nodes"].(map[string]any)["nodes"].([]any)
	remarks := must(imported.Remarks())(t)
	if nodes.Len() != len(list) || len(remarks) != len(wanted["remarks"].([]any)) {
		t.Errorf("%d nodes, %d remarks", nodes.Len(), len(remarks))
	}
	for _, remark := range remarks {
		if remark.Kind == "" || remark.Text == "" || !strings.HasSuffix(remark.String(), remark.Text) {
			t.Errorf("%+v", remark)
		}
	}
	parsed := must(ParseSettings(must(json.Marshal(wanted["settings"]))(t)))(t)
	defer parsed.Close()
	if !settings.Equal(parsed) {
		t.Error(string(must(json.Marshal(settings))(t)))
	}
}

func importOptions(t *testing.T, folder string) ImportOptions {
	var options ImportOptions
	if is(t, folder, "options.json") {
		check(t, json.Unmarshal(must(os.ReadFile(filepath.Join(folder, "options.json")))(t), &options))
	}
	return options
}

func TestATextIsImportedWithOptions(t *testing.T) {
	text := "nodes:\n- { address: 10.0.0.1, user: ops, role: [worker] }\n- { address: '{{ x }}' }\n"
	options := ImportOptions{Format: "rke", Defaults: map[string]any{"become": "doas"}, Variables: map[string]string{"y": "z"}}
	imported := must(ParseInventory([]byte(text), options))(t)
	defer imported.Close()
	nodes := must(imported.Nodes())(t)
	defer nodes.Close()
	again := must(ParseNodes(must(json.Marshal(nodes))(t)))(t)
	defer again.Close()
	if again.Len() != 1 || must(again.Place(0))(t) != "10.0.0.1:22" || imported.Format() != "rke" {
		t.Error(string(must(json.Marshal(nodes))(t)))
	}
	remarks := must(imported.Remarks())(t)
	if len(remarks) != 2 || remarks[0].Kind != RemarkUnresolved || remarks[1].Kind != RemarkSkipped || remarks[0].Line != 3 {
		t.Errorf("%+v", remarks)
	}
}

func TestFaultsOfImports(t *testing.T) {
	for name, options := range map[string]ImportOptions{
		"format":   {Format: "ansible"},
		"insecure": {Insecure: "yes"},
		"no UTF-8": {Variables: map[string]string{"a": "\xff"}},
		"defaults": {Defaults: map[string]any{"pasword": "hunter2"}},
	} {
		_, err := ParseInventory([]byte("10.0.0.1\n"), options)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var known *Error
	if _, err := ParseInventory([]byte("a: 1\n"), ImportOptions{}); !errors.As(err, &known) || known.Hint == "" {
		t.Error(err)
	}
	if _, err := LoadInventory("/nonexistent", ImportOptions{}); !isKind(err, ErrIO) {
		t.Error(err)
	}
	if _, err := LoadInventory("a\x00b", ImportOptions{}); !isKind(err, ErrInvalidArgument) {
		t.Error(err)
	}
}

func TestSettingsInTheFormOfOthers(t *testing.T) {
	settings := must(ParseSettings([]byte(
		`{"ensure":[{"host":"reg.lab","endpoints":[{"url":"https://10.0.0.9:5443","skip_verify":true}],"fallback":true},
		{"host":"10.0.0.0/8","insecure":"http"}]}`)))(t)
	defer settings.Close()
	k3s := must(settings.K3s())(t)
	if !strings.Contains(k3s.Text, "insecure_skip_verify: true") || len(k3s.Remarks) != 1 ||
		k3s.Remarks[0].Kind != RemarkSkipped || k3s.Remarks[0].String() != "ensure[1]: "+k3s.Remarks[0].Text {
		t.Errorf("%+v", k3s)
	}
	kubespray := must(settings.Kubespray())(t)
	if !strings.Contains(kubespray.Text, "containerd_registries_mirrors") {
		t.Errorf("%+v", kubespray)
	}
}

func TestWhatWasImportedIsClosed(t *testing.T) {
	imported := must(ParseInventory([]byte("10.0.0.1\n"), ImportOptions{}))(t)
	nodes, settings := must(imported.Nodes())(t), must(imported.Settings())(t)
	imported.Close()
	imported.Close()
	if nodes.Len() != 1 || !settings.Equal(settings) {
		t.Error("the copies are gone, too")
	}
	nodes.Close()
	settings.Close()
	for name, of := range map[string]*Imported{"closed": imported, "nil": nil, "zero": {}} {
		_, nodesErr := of.Nodes()
		_, settingsErr := of.Settings()
		_, remarksErr := of.Remarks()
		_, jsonErr := of.MarshalJSON()
		for _, err := range []error{nodesErr, settingsErr, remarksErr, jsonErr} {
			if !isKind(err, ErrInvalidArgument) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if of.Format() != "" {
			t.Errorf("%s has a format", name)
		}
	}
	_, k3s := settings.K3s()
	_, kubespray := settings.Kubespray()
	_, list := nodes.MarshalJSON()
	if !isKind(k3s, ErrInvalidArgument) || !isKind(kubespray, ErrInvalidArgument) || !isKind(list, ErrInvalidArgument) {
		t.Error(k3s, kubespray, list)
	}
}
