-- The scenarios, for wrk. One thread, so that the counters are one.
local scenario = os.getenv("SCENARIO")
local patients = tonumber(os.getenv("PATIENTS"))
local doctors = tonumber(os.getenv("DOCTORS"))
local days = tonumber(os.getenv("DAYS"))
next_booking = tonumber(os.getenv("BOOK_FROM"))
next_open = tonumber(os.getenv("OPEN_FROM"))
local headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN"), ["Content-Type"] = "application/json" }
local terms = { "ana", "mar", "rive", "garr", "tho", "p12", "7875551", "sant", "lu", "wil", "cast", "gome", "jo", "per", "nel" }
local completed = {}
local first_day, first_booking = 1767603600, 1893456000
math.randomseed(42)

-- Clinic 1 has the patients 1 to `patients`, and the doctors 2 to `doctors` + 1.
local function patient() return math.random(patients) end

local requests = {}

function requests.patient() return wrk.format("GET", "/api/patients/" .. patient(), headers) end

function requests.search() return wrk.format("GET", "/api/patients/search?q=" .. terms[math.random(#terms)], headers) end

function requests.day()
  local day = os.date("!%Y-%m-%d", first_day + 86400 * math.random(0, days - 1))
  return wrk.format("GET", "/api/appointments?from=" .. day .. "T00:00:00Z&to=" .. day .. "T23:59:59Z&per_page=100", headers)
end

function requests.book()
  local doctor = 2 + next_booking % doctors
  local start = first_booking + 900 * math.floor(next_booking / doctors)
  next_booking = next_booking + 1
  local body = string.format('{"patient_id":%d,"provider_user_id":%d,"scheduled_start":"%s","scheduled_end":"%s"}', patient(), doctor,
    os.date("!%Y-%m-%dT%H:%M:%SZ", start), os.date("!%Y-%m-%dT%H:%M:%SZ", start + 900))
  return wrk.format("POST", "/api/appointments", headers, body)
end

function requests.complete()
  local id = table.remove(completed)
  if id then return wrk.format("POST", "/api/invoices", headers, '{"appointment_id":' .. id .. "}") end
  id = next_open
  next_open = next_open + 1
  return wrk.format("PUT", "/api/appointments/" .. id, headers, '{"status":"completed"}')
end

function requests.chart() return wrk.format("GET", "/api/patients/" .. os.getenv("LONG_CHART") .. "/chart", headers) end

function requests.mixed()
  local dice = math.random(100)
  if dice <= 40 then return requests.patient() end
  if dice <= 60 then return requests.search() end
  if dice <= 80 then return requests.day() end
  if dice <= 90 then return requests.book() end
  return requests.complete()
end

request = requests[scenario]

-- Reading answers costs the load generator time, so it reads them only where the next request depends on one.
if scenario == "complete" or scenario == "mixed" then
  function response(status, _, body)
    if status == 200 and body:find('"message":"Appointment updated', 1, true) then
      local id = body:match('"appointment_id":(%d+)')
      if id then table.insert(completed, id) end
    end
  end
end

local thread

function setup(started) thread = started end

function done(summary, latency)
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout + summary.errors.status
  io.write(string.format('{"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"errors":%d,"next_booking":%d,"next_open":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors, thread:get("next_booking"), thread:get("next_open")))
end
