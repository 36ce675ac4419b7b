# shellcheck shell=bash
# Whether the cluster is compiled in: Microsoft.Orleans from a feed, with all the packages that it needs, or not at all.

# Its dashboard is optional, by itself.
cluster_packages=(Microsoft.Orleans.Server Microsoft.Orleans.Client Microsoft.Orleans.Clustering.AdoNet Microsoft.Orleans.Connections.Security Microsoft.Orleans.TestingHost)
dashboard_package=Microsoft.Orleans.Dashboard

# Sets: cluster (orleans|none), cluster_why, dashboard (orleans|none), dashboard_why.
choose_cluster() {
    cluster=none dashboard=none dashboard_why=''
    cluster_why=$(lacking_of_cluster)
    if [[ $cluster_given == none ]]; then
        cluster_why="left out with --cluster none"
    elif [[ -z $cluster_why ]]; then
        cluster=orleans cluster_why="the feeds have it"
        if [[ $cluster_given == orleans ]]; then cluster_why+="; asked for"; fi
        if [[ ${answers[$dashboard_package]} == yes ]]; then
            dashboard=orleans
        else
            dashboard_why="$dashboard_package ${versions[$dashboard_package]}: ${reasons[$dashboard_package]}"
        fi
    elif [[ $cluster_given == orleans ]]; then
        fail 3 "--cluster orleans: $cluster_why." "Add a folder that holds ${cluster_packages[*]}, each in version ${versions[${cluster_packages[0]}]}, and what they depend on:  ./setup --feed DIR --cluster orleans" \
            "Or do without the cluster:  ./setup --cluster none. Several hosts can work on one sweep where they share a PostgreSQL store: docs/sweeps.md."
    fi
}

# Prints which packages do not restore, and why; those with one reason together; nothing where all do.
lacking_of_cluster() {
    local package reason='' names='' text='' version=${versions[${cluster_packages[0]}]} lacking=0
    for package in "${cluster_packages[@]}"; do
        [[ ${answers[$package]} != yes ]] || continue
        lacking=$((lacking + 1))
        if [[ -n $names && ${reasons[$package]} == "$reason" ]]; then
            names+=", $package"
        else
            if [[ -n $names ]]; then text+="$names $version: $reason; "; fi
            names=$package reason=${reasons[$package]}
        fi
    done
    if ((lacking == ${#cluster_packages[@]})) && [[ -z $text ]]; then names=Microsoft.Orleans; fi
    if [[ -n $names ]]; then echo "$text$names $version: $reason"; fi
}

# One line for ./test.
cluster_line() {
    if [[ $cluster == orleans ]]; then echo "Orleans ${versions[${cluster_packages[0]}]}"; else echo "not compiled ($cluster_why)"; fi
}
