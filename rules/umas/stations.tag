# The engineering stations of the site: who may program its Modicon controllers. Several
# rules of this pack ask for it.
param umas_stations: set<ip> max 64 = {}
