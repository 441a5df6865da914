use super::*;

const LEGACY: [&str; 4] = ["plugins", "io.containerd.grpc.v1.cri", "registry", "config_path"];

fn toml(text: &str) -> Toml {
    Toml::parse(Text::new("config.toml", text.as_bytes()).unwrap()).unwrap()
}

impl Toml {
    fn assign(&self, path: &[&str], value: &str) -> Result<Self> {
        self.changed(&[Change::set(path, value)])
    }

    fn remove(&self, path: &[&str]) -> Result<Self> {
        self.changed(&[Change::remove(path)])
    }
}

fn assign(text: &str, path: &[&str], value: &str) -> String {
    toml(text).assign(path, value).unwrap().text().as_str().to_owned()
}

#[test]
fn a_value_is_replaced_in_place() {
    let text = "[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"\" # keep\n";
    assert_eq!(assign(text, &LEGACY, "\"/d\""), text.replace("\"\"", "\"/d\""));
}

#[test]
fn a_key_goes_behind_the_last_of_its_table() {
    let text = "[a]\n    x = [\n 1,\n] # one\n\n# about b\n[b]\ny = 2\n";
    assert_eq!(assign(text, &["a", "k"], "1"), text.replace("] # one\n", "] # one\n    k = 1\n"));
}

#[test]
fn a_key_of_an_empty_table_is_indented_like_others() {
    let text = "[p]\n\t[p.q]\n\t[p.r]\n\t\ta = 1\n";
    assert_eq!(assign(text, &["p", "q", "k"], "1"), "[p]\n\t[p.q]\n\t\tk = 1\n\t[p.r]\n\t\ta = 1\n");
}

#[test]
fn a_new_table_follows_the_tables_it_belongs_to() {
    let text = "version = 2\n\n[plugins]\n  [plugins.'io.containerd.grpc.v1.cri']\n    sandbox_image = \"x\"\n\n    [plugins.'io.containerd.grpc.v1.cri'.cni]\n      a = 1\n\n[proxy_plugins]\n";
    let added = "\n    [plugins.'io.containerd.grpc.v1.cri'.registry]\n      config_path = \"/d\"\n";
    let before = "      a = 1\n";
    assert_eq!(assign(text, &LEGACY, "\"/d\""), text.replace(before, &format!("{before}{added}")));
}

#[test]
fn a_new_table_at_the_end_of_a_flat_file() {
    assert_eq!(
        assign("version = 2\n", &LEGACY, "\"/d\""),
        "version = 2\n\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"/d\"\n"
    );
    assert_eq!(assign("a = 1", &["t", "k"], "1"), "a = 1\n\n[t]\n  k = 1");
    assert_eq!(assign("", &["t", "k"], "1"), "[t]\n  k = 1\n");
}

#[test]
fn a_table_that_only_its_children_imply_gets_a_header() {
    let text = "[a.b.c]\nx = 1\n# end of c\n\n[z]\n";
    assert_eq!(assign(text, &["a", "b", "k"], "1"), "[a.b.c]\nx = 1\n# end of c\n\n[a.b]\nk = 1\n\n[z]\n");
}

#[test]
fn inline_and_dotted_tables_are_extended_in_place() {
    assert_eq!(
        assign("[p]\nr = { m = { x = 1 } } # c\n", &["p", "r", "k"], "1"),
        "[p]\nr = { m = { x = 1 }, k = 1 } # c\n"
    );
    assert_eq!(assign("r = {}\n", &["r", "s", "k"], "1"), "r = { s = { k = 1 } }\n");
    assert_eq!(assign("[p]\n  r.a = 1\n  q = 2\n", &["p", "r", "k"], "1"), "[p]\n  r.a = 1\n  r.k = 1\n  q = 2\n");
    assert_eq!(assign("p.r.a = 1\n[z]\n", &["p", "r", "s", "k"], "1"), "p.r.a = 1\np.r.s.k = 1\n[z]\n");
}

#[test]
fn root_keys_stand_before_the_first_header() {
    assert_eq!(assign("# about\n\n[a]\nx = 1\n", &["k"], "1"), "# about\nk = 1\n\n[a]\nx = 1\n");
    assert_eq!(assign("# about a\n[a]\n", &["k"], "1"), "k = 1\n# about a\n[a]\n");
    assert_eq!(assign("# only\n", &["k"], "1"), "# only\nk = 1\n");
}

#[test]
fn what_is_right_already_is_left_alone() {
    let text = "[a]\n  k   =   'v'\n";
    assert_eq!(assign(text, &["a", "k"], "\"v\""), text);
}

#[test]
fn removing_undoes_assigning() {
    for text in [
        "version = 2\n",
        "version = 2",
        "a = 1\n\n\n",
        "[t.u]\nx = 1\n\n[z]\n",
        "# c\n[t]\n  a = 1\n[z]\n",
        "a = 1\r\n",
    ] {
        let there = toml(text).assign(&["t", "new", "k"], "1").unwrap();
        let back = there.remove(&["t", "new"]).unwrap();
        assert_eq!(back.text().as_str(), text, "by way of\n{}", there.text().as_str());
    }
    assert_eq!(toml("[t]\na = 1 # x\nb = 2\n").remove(&["t", "a"]).unwrap().text().as_str(), "[t]\nb = 2\n");
}

#[test]
fn wrong_types_name_line_and_key() {
    let error = toml("[plugins]\n\n\"io.containerd.grpc.v1.cri\" = 3\n").assign(&LEGACY, "1").unwrap_err();
    assert_eq!((error.line(), error.key()), (Some(3), Some("plugins.\"io.containerd.grpc.v1.cri\"")));
    assert_eq!(toml("\nv = 2\n").str(&["v"]).unwrap_err().line(), Some(2));
    let twice = Toml::parse(Text::new("f", b"[a]\n[b]\n[a]\n").unwrap()).unwrap_err();
    assert_eq!(twice.line(), Some(3));
}

#[test]
fn text_that_looks_like_a_header_is_none() {
    let text = "a = \"\"\"\n[t]\nk = 1\n\"\"\"\n";
    assert_eq!(assign(text, &["t", "k"], "2"), format!("{text}\n[t]\n  k = 2\n"));
}

#[test]
fn strings_of_a_list_are_taken_out_with_their_commas() {
    let without = |text: &str, gone: &[&str]| {
        let gone = gone.iter().map(|text| (*text).to_owned()).collect();
        toml(text).changed(&[Change::list(&["l"], gone, Vec::new())]).unwrap().text().as_str().to_owned()
    };
    assert_eq!(without("l = [\"a\", \"b\"] # c\n", &["a"]), "l = [\"b\"] # c\n");
    assert_eq!(without("l = [\"a\", \"b\"]\n", &["b"]), "l = [\"a\"]\n");
    assert_eq!(without("l = [\"a\", \"b\"]\n", &["a", "b"]), "l = []\n");
    assert_eq!(without("l = [\n  \"a\",\n  \"b\", # b\n]\n", &["a"]), "l = [\n  \"b\", # b\n]\n");
    assert_eq!(without("l = [\"a\"]\n", &["a"]), "l = []\n");
}

#[test]
fn a_key_is_renamed_in_place() {
    let renamed = toml("[t]\n  Key = 1 # c\n").rename(&["t", "Key"], "key").unwrap();
    assert_eq!(renamed.text().as_str(), "[t]\n  key = 1 # c\n");
}

#[test]
fn a_marked_table_goes_with_its_mark() {
    let text = "[m]\n  [m.a]\n  x = 1\n";
    let there = toml(text).changed(&[Change::set(&["m", "b", "k"], "1").marked()]).unwrap();
    assert_eq!(there.text().as_str(), "[m]\n  [m.a]\n  x = 1\n\n  # regconf\n  [m.b]\n  k = 1\n");
    assert!(there.is_marked(&["m", "b"]) && !there.is_marked(&["m", "a"]));
    assert_eq!(there.remove(&["m", "b"]).unwrap().text().as_str(), text);
}

#[test]
fn strings_are_put_in_front_and_the_rest_stays() {
    let prepend = |text: &str| {
        let change = Change::list(&["l"], Vec::new(), ["x", "y"].map(str::to_owned).to_vec());
        toml(text).changed(&[change]).unwrap().text().as_str().to_owned()
    };
    assert_eq!(prepend("l = ['a'] # c\n"), "l = [\"x\", \"y\", 'a'] # c\n");
    assert_eq!(prepend("l = [\n  # one\n  'a', # two\n]\n"), "l = [\n  # one\n  \"x\",\n  \"y\",\n  'a', # two\n]\n");
    assert_eq!(prepend("l = []\n"), "l = [\"x\", \"y\"]\n");
    assert_eq!(prepend("l = [\n  # none\n]\n"), "l = [\n  # none\n  \"x\", \"y\",\n]\n");
    assert_eq!(prepend(""), "l = [\"x\", \"y\"]\n");
}

#[test]
fn an_empty_header_above_what_goes_stays() {
    let text = "[p]\n";
    let there = toml(text).assign(&["p", "q", "r", "k"], "1").unwrap();
    assert_eq!(there.remove(&["p", "q", "r"]).unwrap().text().as_str(), text);
}
