make_bundle() { :; }
